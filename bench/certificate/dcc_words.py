"""The words that only the XML has; all others are those that are printed (`words.py`)."""

from __future__ import annotations

from bench.certificate import words
from bench.certificate.model import Bilingual
from calibration.texts import Texts

_WORDS = {
    "because": ("非正式结果的原因：{why}", "Not official because: {why}"),
    "no_statement": ("不作符合性声明。", "No statement of conformity is made."),
    "journal": (
        "全部原始记录在装置日志中：{size} 条记录，根哈希 {root}，日志密钥指纹 {fingerprint}。",
        "All raw records are in the journal of the bench: {size} records, root {root}, fingerprint of the log key "
        "{fingerprint}.",
    ),
    "kind": ("证书类别", "kind of certificate"),
    "at_bench": ("装置编号", "bench"),
    "at": ("表位", "position"),
    "size": ("日志记录数", "records of the journal"),
    "lower": ("最大允许误差下限", "lower limit of error"),
    "upper": ("最大允许误差上限", "upper limit of error"),
    "runs_at": ("{load_point} 的各次误差", "errors of the runs at {load_point}"),
    "budget_at": (
        "{load_point} 的不确定度分量（标准不确定度）",
        "contributions to the uncertainty at {load_point} (standard uncertainties)",
    ),
    "range_of": ("范围 {range}", "range {range}"),
    "reason": ("原因", "reason"),
    "reftypes": ("电能表检定装置的引用类型", "reference types of the meter test bench"),
}

word = Texts(_WORDS, below=words.word)


def said(key: str, **values: str | Bilingual) -> Bilingual:
    """The words of this key in both languages; a value in two languages stands in each in its own."""

    def in_language(language: str) -> str:
        own = {name: v if isinstance(v, str) else v.in_language(language) for name, v in values.items()}
        return word(key, language, **own)

    return Bilingual(in_language("zh"), in_language("en"))
