"""The text that lies in every bundle."""

from __future__ import annotations

README = """\
证据包 / Bundle of a verification
=================================

这个压缩包里有一次检定的全部原始数据：每一个脉冲边沿、标准表的每一次应答、每一条记录、它们的证明和签名，以及证书。
任何人都可以据此重新计算每一个误差、不确定度和结论，不必相信检定的人。

怎样核对（不需要网络，也不需要安装软件）：
  1. 用浏览器（手机或电脑）打开 verify.html。
  2. 把整个压缩包（.zip 文件本身，不是解压后的文件）交给网页，在电脑上也可以拖到网页上。
  3. 把网页显示的密钥指纹和检定机构公布的指纹相比。包里的密钥本身不证明任何事情。
装有本软件的电脑上也可以：bench verify 文件.zip --fingerprint 指纹

谨慎的做法：从检定机构的网站另取一份 verify.html，而不用包里的这一份。

------------------------------------

This archive has all raw data of a verification: every edge of every pulse, every reply of the reference standard, every
record, their proofs and signatures, and the certificates. With it anybody can compute every error, uncertainty and
verdict again, without believing those who measured.

How to check it (no network, nothing to install):
  1. Open verify.html in a browser, on a telephone or a computer.
  2. Drop the whole archive on the page (the .zip file itself, not what was unpacked from it).
  3. Compare the fingerprint of the key that the page shows with the one that the laboratory has published. The key in
     the archive proves nothing by itself.
On a computer with this software: bench verify FILE.zip --fingerprint HEX

Who wants to be careful takes verify.html from the laboratory's own site and not from this archive.

------------------------------------

manifest.json    所有文件及其 SHA-256 / all files with their SHA-256
manifest.sig     对它的签名 / the signature over it
checkpoint.txt   签名的日志检查点 / the signed checkpoint of the journal
public-key.txt   公钥 / the public key
records.jsonl    记录, 每行一条 / the records, one a line
proofs/          每条记录在检查点里的证明 / the proof of each record in the checkpoint
runs/            原始数据 / raw data
certificates/    证书 / certificates
verify.html      核对网页 / the page that checks
"""
