"""The words of the command line, in Chinese and English. Sentences about findings are in calibration/reasons.py."""

from __future__ import annotations

_WORDS: dict[str, tuple[str, str]] = {
    "load_point": ("负载点", "load point"),
    "error": ("误差 %", "error %"),
    "uncertainty": ("扩展不确定度 %", "U %"),
    "limit": ("限值 %", "limit %"),
    "pulses": ("脉冲", "pulses"),
    "true": ("真值 %", "true %"),
    "verdict": ("结论", "verdict"),
    "position": ("表位", "pos."),
    "at_position": ("表位 {position}", "position {position}"),
    "all_positions": ("所有表位", "all positions"),
    "repeated": ("(重做)", "(repeated)"),
    "attempt": ("(第 {attempt} 次)", "(attempt {attempt})"),
    "more_faults": (
        "另有 {more} 条更早的, 见网页和记录",
        "{more} earlier ones are on the page and in the record",
    ),
    "waiting": ("等待", "waiting"),
    "settling": ("加载", "settling"),
    "measuring": ("测量", "measuring"),
    "done": ("完成", "done"),
    "PASS": ("合格", "PASS"),
    "FAIL": ("不合格", "FAIL"),
    "INVALID": ("无效", "INVALID"),
    "simulated": ("模拟", "SIMULATED"),
    "informative": ("参考", "INFORMATIVE"),
    "official": ("正式", "OFFICIAL"),
    "reference": ("标准表", "reference"),
    "silent": ("无应答", "silent"),
    "left": ("还需约 {seconds} 秒", "about {seconds} s left"),
}


def word(key: str, language: str, **values: object) -> str:
    """The word in "zh" or "en", with its values filled in. A key without an entry is shown as it is."""
    if key not in _WORDS:
        return key
    return _WORDS[key][0 if language == "zh" else 1].format(**values)
