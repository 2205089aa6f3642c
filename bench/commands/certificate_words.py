"""What `bench certificate` says, in Chinese and English."""

from __future__ import annotations

from bench.terminal import words as terminal
from calibration.texts import Texts

_WORDS = {
    "kind_verification": ("检定证书", "verification certificate"),
    "kind_rejection": ("检定结果通知书", "rejection notice"),
    "kind_calibration": ("校准证书", "calibration certificate"),
    "role_verifier": ("检定", "verifier"),
    "role_checker": ("核验", "checker"),
    "role_approver": ("批准", "approver"),
    "mark_draft": ("草稿", "draft"),
    "mark_simulated": ("模拟", "simulated"),
    "mark_informative": ("仅供参考", "informative"),
    "mark_provisional_rules": ("规程数据未经批准", "provisional rule set"),
    "mark_unofficial_key": ("密钥非正式", "unofficial key"),
    "drafted": (
        "草稿 {id}: {kind}, {run} 表位 {position}, 表号 {serial}; 写入 {path}",
        "draft {id}: {kind}, {run} position {position}, meter {serial}; written to {path}",
    ),
    "draft_is_official": ("没有妨碍它成为正式证书的事项", "nothing speaks against an official certificate"),
    "draft_is_marked": ("证书上将印有: {marks}", "printed across it will be: {marks}"),
    "because": ("  原因: {why}", "  because: {why}"),
    "is_locked": ("现在不能签发: {why}", "it cannot be signed now: {why}"),
    "needs": (
        "需要签名: {roles}; bench certificate sign {id} --by 人员",
        "signatures needed: {roles}; bench certificate sign {id} --by PERSON",
    ),
    "nobody_registered": (
        "本装置没有登记人员: 可以看草稿, 不能签发; 见 bench admin person first",
        "nobody is registered at this bench: a draft can be looked at, nothing can be issued; see bench admin person "
        "first",
    ),
    "signed": ("{id}: {person} 已作为{role}签名", "{id}: signed by {person} as {role}"),
    "issued": ("{kind} {number} 已签发: {path}", "{kind} {number} is issued: {path}"),
    "waits_for_folder": (
        "{count} 份证书还没有放入监视文件夹: {why}",
        "{count} certificates are not in the watch folder yet: {why}",
    ),
    "waits_for_folder_one": (
        "{count} 份证书还没有放入监视文件夹: {why}",
        "{count} certificate is not in the watch folder yet: {why}",
    ),
    "dropped": ("已放入监视文件夹: {number}", "dropped into the watch folder: {number}"),
    "folder_has_all": ("监视文件夹 {folder}: 没有等待的证书", "watch folder {folder}: nothing waits"),
    "waits": ("等待: {number}", "waits: {number}"),
    "status_issued": ("有效", "issued"),
    "status_replaced": ("已由 {number} 更正", "replaced by {number}"),
    "status_withdrawn": ("已于 {day} 撤回: {why}", "withdrawn on {day}: {why}"),
    "status_forgotten": ("{status}; 客户数据已删除", "{status}; customer data deleted"),
    "no_certificate": ("没有符合条件的证书", "no certificate in the register is like that"),
    "no_draft": ("没有等待签名的草稿", "no draft waits for signatures"),
    "row": (
        "{number}  {issued}  {kind}  {run} 表位 {position}  表号 {serial}  {verdict}  {status}",
        "{number}  {issued}  {kind}  {run} position {position}  meter {serial}  {verdict}  {status}",
    ),
    "draft_row": (
        "{id}  {kind}  {run} 表位 {position}  表号 {serial}  已签名: {signed}",
        "{id}  {kind}  {run} position {position}  meter {serial}  signed: {signed}",
    ),
    "nobody": ("无", "nobody"),
    "replaces": ("  更正 {number}: {why}", "  corrects {number}: {why}"),
    "days": (
        "  收样 {received}, 检测 {first} 至 {last}, 签发 {issued}, 有效期至 {valid}",
        "  received {received}, tested {first} to {last}, issued {issued}, valid until {valid}",
    ),
    "marks_are": ("  印有: {marks}", "  printed across it: {marks}"),
    "signature": ("  {role} {person} {day}", "  {role} {person} {day}"),
    "hashes": ("  XML SHA-256 {xml}\n  PDF SHA-256 {pdf}", "  XML SHA-256 {xml}\n  PDF SHA-256 {pdf}"),
    "root": (
        "  日志根 {root} (共 {size} 条)",
        "  root of the journal {root} ({size} records)",
    ),
    "is_forgotten": (
        "  客户数据和文件已删除",
        "  what names the customer is deleted, with the files",
    ),
    "written": ("已写入 {path}", "written: {path}"),
    "withdrawn": ("{number} 已撤回", "{number} is withdrawn"),
    "forgotten": ("{number}: 客户数据已删除", "{number}: what names the customer is deleted"),
    "others_remain": (
        "同一只电能表仍有客户数据: {others}; 也要删除时, 请逐个 bench certificate forget",
        "the same meter still has customer data in: {others}; to delete those, too: bench certificate forget, one by "
        "one",
    ),
    "none": ("没有", "none"),
}

word = Texts(_WORDS, below=terminal.word)
