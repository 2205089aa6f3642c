"""What a check of seals finds, in Chinese and English."""

from __future__ import annotations

from bench.certificate import words
from calibration.texts import Texts

_WORDS = {
    "no_certificate": (
        "这不是证书：既不是 PDF 也不是 XML。",
        "This is no certificate: it is neither a PDF nor XML.",
    ),
    "xml_too_long": (
        "XML 过长，不是本装置签发的。",
        "The XML is too long to be a certificate of this bench.",
    ),
    "xml_no_document": ("不是完好的 XML 文件。", "This is no sound XML document."),
    "xml_not_plain": (
        "XML 的写法与装置写出的不同（例如含文档类型、实体、注释或多余字符），不予采信。",
        "The XML is not spelt as the bench writes it (a document type, an entity, a comment, other characters); it is "
        "not believed.",
    ),
    "xml_no_certificate": (
        "XML 不是本装置的数字校准证书。",
        "The XML is no digital calibration certificate of this bench.",
    ),
    "xml_unsigned": ("XML 没有签名。", "The XML has no signature."),
    "xml_signature_elsewhere": (
        "XML 中签名的位置或数目不对，被签名的可能不是所读到的内容。",
        "The signature in the XML is not where it must be, or not the only one; what is read may not be signed.",
    ),
    "xml_signature_form": (
        "XML 签名的形式不对。",
        "The signature in the XML is not of the form that the bench writes.",
    ),
    "xml_changed": (
        "XML 在签名后被更改，或签名是假的。",
        "The XML was changed after it was signed, or the signature is false.",
    ),
    "pdf_no_document": ("不是完好的 PDF 文件。", "This is no sound PDF document."),
    "pdf_unsigned": ("PDF 没有签名。", "The PDF has no signature."),
    "pdf_signed_again": (
        "PDF 有不止一个签名；装置只签一次。",
        "The PDF has more than one signature; the bench signs once.",
    ),
    "pdf_extended": (
        "签名没有覆盖整个 PDF：签名后又附加了内容。",
        "The signature does not cover the whole PDF: something was added after it.",
    ),
    "pdf_signature_form": (
        "PDF 签名的形式不对。",
        "The signature in the PDF is not of the form that the bench writes.",
    ),
    "pdf_changed": (
        "PDF 在签名后被更改，或签名是假的。",
        "The PDF was changed after it was signed, or the signature is false.",
    ),
    "pdf_no_xml": (
        "PDF 中没有唯一的一份 XML 附件。",
        "The PDF does not have exactly one XML attached.",
    ),
    "pdf_intact": (
        "PDF 签名完好，覆盖整个文件；签名者声明的时间 {signed_at}。",
        "The signature of the PDF is intact and covers the whole file; made, as the signer says, at {signed_at}.",
    ),
    "xml_intact": (
        "XML 签名完好，覆盖整个文件；签名者声明的时间 {signed_at}。",
        "The signature of the XML is intact and covers the whole document; made, as the signer says, at {signed_at}.",
    ),
    "key_known": (
        "{what} 的签名密钥与已公布的指纹一致：{fingerprint}",
        "The key that signed the {what} is the published one: {fingerprint}",
    ),
    "key_foreign": (
        "{what} 的签名密钥不是已公布的密钥：{fingerprint}",
        "The key that signed the {what} is none of the published ones: {fingerprint}",
    ),
    "key_not_compared": (
        "{what} 的签名密钥尚未与公布的指纹核对：{fingerprint}",
        "The key that signed the {what} has not been compared with a published fingerprint: {fingerprint}",
    ),
    "xml_hash": ("附件 XML 的 SHA-256：{sha256}", "SHA-256 of the XML: {sha256}"),
    "xml_hash_right": (
        "XML 与二维码给出的哈希一致：{sha256}",
        "The XML is the one that the QR code names: {sha256}",
    ),
    "xml_hash_wrong": (
        "XML 与二维码给出的哈希不一致：{sha256}",
        "The XML is not the one that the QR code names: {sha256}",
    ),
    "numbered": (
        "证书 {number}，电能表 {serial}，原始记录 {run} 表位 {position}。",
        "Certificate {number}, meter {serial}, record {run} position {position}.",
    ),
    "unnumbered": (
        "草稿，不是证书：电能表 {serial}，原始记录 {run} 表位 {position}。",
        "A draft and no certificate: meter {serial}, record {run} position {position}.",
    ),
}

word = Texts(_WORDS, below=words.word)
