"""What is said of the network, https and daily work, in Chinese and English; also why something was refused."""

from __future__ import annotations

from bench.errors import OperatorError
from calibration.texts import Texts

_WORDS = {
    # machine
    "not_root": ("这要改动系统设置；请在命令前加 sudo", "this changes the system; put sudo before it"),
    "no_program": (
        "本机没有 {program}；请在树莓派系统 (Bookworm 或 Trixie) 上使用",
        "{program} is not on this machine; use it on Raspberry Pi OS (Bookworm, Trixie)",
    ),
    "program_failed": ("{command} 没有成功：{said}", "{command} failed: {said}"),
    "not_written": (
        "{path} 写不了：{why}；请检查该文件夹",
        "{path} cannot be written: {why}; check the folder",
    ),
    "not_readable": ("{path} 读不了：{why}；请检查路径", "{path} cannot be read: {why}; check the path"),
    "not_installed": (
        "这里没有装好的检定台 ({path})；先运行 sudo systemd/install",
        "no bench is installed here ({path}); run sudo systemd/install first",
    ),
    # access point
    "no_radio": (
        "本机没有无线网卡；请插上一个，或改用网线",
        "this machine has no wireless interface; plug one in, or use a cable",
    ),
    "radio_blocked": (
        "无线网卡被关着，多半是还没有设国家；请运行 sudo raspi-config nonint do_wifi_country CN（换成所在国家）",
        "the radio is off, most likely because no country is set: sudo raspi-config nonint do_wifi_country CN "
        "(your country)",
    ),
    "bad_network_name": (
        "网络名 {name!r} 不能用；请用 1 到 32 个英文字母、数字、空格、- 或 _，首尾不是空格",
        "the name {name!r} cannot be used; take 1 to 32 letters, digits, spaces, - or _, no space at either end",
    ),
    "bad_wifi_password": (
        "无线密码要 {least} 到 63 个英文字符，首尾不是空格",
        "a password of a wireless network has {least} to 63 ASCII characters, no space at either end",
    ),
    "access_point_on": (
        "检定台自己的无线网络已设好：{name}，密码：{password}",
        "the bench has its own wireless network: {name}, password: {password}",
    ),
    "page_at": ("网页在 {address}", "the page is at {address}"),
    "no_network_here": (
        "没有自己的无线网络，也没有别的地址：请插网线，或运行 sudo bench network access-point",
        "no network of its own, and no address: plug a cable in, or sudo bench network access-point",
    ),
    "addresses_later": (
        "没有自己的无线网络；地址要等那台机器启动以后才知道",
        "no network of its own; its addresses are known once that machine has started",
    ),
    "again_with": (
        "以后再看：sudo bench network show",
        "to see it again: sudo bench network show",
    ),
    "access_point_off": (
        "检定台自己的无线网络已撤掉；用的是实验室的网络",
        "the bench's own wireless network is gone; the laboratory's is used",
    ),
    "joined": ("已设好要加入的网络：{name}", "set to join the network {name}"),
    "password_of_network": ("无线网络 {name} 的密码：", "Password of the network {name}: "),
    "address_of": ("{interface}：{address}", "{interface}: {address}"),
    # https
    "bad_host": (
        "{name!r} 不是主机名或 IP 地址；例如 bench.lab.example 或 192.168.1.20",
        "{name!r} is neither a host name nor an address; such as bench.lab.example or 192.168.1.20",
    ),
    "request_waits": (
        "已有一份申请在等签发：{path}；请用它，或删掉它再申请",
        "a request is waiting already: {path}; use it, or remove it to begin anew",
    ),
    "requested": (
        "证书申请在 {path}；请把它交给实验室的 CA，私钥留在本机。拿到证书后：sudo bench https install 证书 --ca CA证书",
        "the request is in {path}; give it to the laboratory's CA, the private key stays here. With the "
        "certificate: sudo bench https install CERTIFICATE --ca CA",
    ),
    "no_key": (
        "没有私钥；先运行 sudo bench https request，或用 --key 给出",
        "there is no private key; begin with sudo bench https request, or give --key",
    ),
    "no_host": (
        "不知道网页以什么名字打开；请用 --host 给出，例如 bench.lab.example",
        "by which name will the page be opened? Give --host, such as bench.lab.example",
    ),
    "key_open": (
        "{path} 别人也能读；运行 chmod 600 {path}，如果可能已被人看过，请重新申请证书",
        "{path} can be read by others; chmod 600 {path}, and ask for a new certificate if one of them may have",
    ),
    "key_encrypted": (
        "{path} 带密码或不是私钥；检定台启动时没人输密码，请给不带密码的 PEM 私钥",
        "{path} is encrypted or no key; nobody types a password when the bench starts, give a PEM key without one",
    ),
    "no_certificate": (
        "{path} 里没有 PEM 证书；请给以 -----BEGIN CERTIFICATE----- 开头的文件",
        "{path} holds no PEM certificate; give the file that begins with -----BEGIN CERTIFICATE-----",
    ),
    "wrong_pair": (
        "证书和私钥不是一对；请给由这把私钥申请的证书，文件里它要排在第一",
        "certificate and key do not belong together; give the certificate of this key, the first one in its file",
    ),
    "expired": (
        "证书或它上面的一张已过期；请向 CA 申请新的（本机时间 {now}）",
        "the certificate, or one above it, has expired; ask the CA for a new one (this machine's time: {now})",
    ),
    "not_yet": (
        "证书还没有生效；请先看本机时间对不对：{now}",
        "the certificate is not valid yet; is this machine's time right? {now}",
    ),
    "wrong_host": (
        "证书上没有 {host}，只有 {names}；请申请写有它的证书",
        "the certificate does not name {host} but {names}; ask for one that names it",
    ),
    "no_names": (
        "证书里没有 subjectAltName，浏览器不看通用名；请 CA 照抄申请里的名字（{host}；openssl：-copy_extensions copy）",
        "the certificate has no subjectAltName, and browsers do not look at its common name; ask the CA to take over "
        "the names of the request ({host}; openssl: -copy_extensions copy)",
    ),
    "no_chain": (
        "从证书走不到所给的 CA；请把中间证书接在证书文件后面，或检查 --ca",
        "the certificate does not lead to that CA; append the certificates between to its file, or check --ca",
    ),
    "not_for_servers": (
        "这张证书不是给网站用的 (serverAuth)；请申请用于服务器的证书",
        "this certificate is not for servers (serverAuth); ask for one that is",
    ),
    "not_accepted": ("浏览器不会接受这张证书：{why}", "a browser would not accept this certificate: {why}"),
    "https_on": (
        "网页现在是 {address}，证书到 {until} 为止（{days} 天）",
        "the page is at {address} now; the certificate lasts until {until} ({days} days)",
    ),
    "https_off": (
        "https 已撤掉，网页回到 http 的 8080 端口；打开过 https 的浏览器一年内不肯用 http，要清除该网站的数据",
        "https is off, the page is back on http, port 8080; browsers that have seen https refuse http for a year "
        "until that site's data are cleared",
    ),
    "https_is_off": (
        "没有设置 https；开始：sudo bench https request",
        "https is not set up; begin with sudo bench https request",
    ),
    "https_was_on": (
        "https 已撤掉，以前的证书和私钥还在。再启用：sudo bench https install {path} --ca CA证书",
        "https is off; certificate and key of before are still here. On again: sudo bench https install {path} --ca CA",
    ),
    "https_waits": (
        "还没有 https；证书申请在 {path}，正等 CA 签发。拿到证书后：sudo bench https install 证书 --ca CA证书",
        "no https yet; the request {path} waits for the CA. With the certificate: sudo bench https install "
        "CERTIFICATE --ca CA",
    ),
    "certificate_of": ("签给 {names}，由 {issuer} 签发", "for {names}, issued by {issuer}"),
    # daily
    "bad_folder": (
        "{path} 不能用；请给一个已有的文件夹，完整路径只含英文字母、数字和 / . _ -",
        "{path} cannot be used; give a folder that is there, its full path of letters, digits and / . _ - alone",
    ),
    "not_kept": (
        "{path} 里的东西断电或重启后就没有了；请给 U 盘或网络盘上的文件夹，例如 /mnt/usb",
        "what is in {path} is gone when the power is; give a folder on a stick or a share, such as /mnt/usb",
    ),
    "same_disk": (
        "{path} 和数据在同一块盘上，盘坏了就一起没了；请插上 U 盘或挂上网络盘（确实要这样：--same-disk）",
        "{path} is on the same disk as the data and dies with it; plug in a stick or mount a share (--same-disk: "
        "so it is meant)",
    ),
    "bad_backup_password": (
        "备份密码至少 {least} 个字符",
        "a password of back-ups has {least} characters at least",
    ),
    "backup_daily": (
        "每天备份到 {path}，保留最新 {keep} 份；请把密码另外收好。现在试一次：sudo systemctl start bench-backup",
        "a back-up each day into {path}, the newest {keep} are kept; keep the password elsewhere, too. Try it now: "
        "sudo systemctl start bench-backup",
    ),
    "retention_daily": (
        "每天删除到期的内容；客户资料：{customers}",
        "what has had its time is deleted each day; customers: {customers}",
    ),
    "customers_after": ("结束 {days} 天后删除", "{days} days after the end"),
    "customers_never": ("不自动删除", "never by itself"),
    "daily_off": ("已停止：{what}", "stopped: {what}"),
}

word = Texts(_WORDS)


class NotDoneError(OperatorError):
    """Why something of this was not done: a key of the table above, with its values; as text, the English sentence."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(word(key, "en", **values))
        self.key = key
        self.values = values

    def said(self, language: str) -> str:
        return word(self.key, language, **self.values)
