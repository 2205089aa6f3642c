"""What a run says to who stands at the bench, in Chinese and English."""

from __future__ import annotations

from bench import words as common
from calibration.texts import Texts

_WORDS = {
    "set_load": (
        "请调负载: {voltage} V, {current} A, 功率因数 {power_factor}{side} ({power}), 然后合闸",
        "Set the load: {voltage} V, {current} A, power factor {power_factor}{side} ({power}), and switch it on.",
    ),
    "set_one_phase": (
        "请调负载: 各相电压 {voltage} V, 只有 {phase} 相加电流 {current} A, 功率因数 {power_factor}{side} "
        "({power}), 然后合闸",
        "Set the load: {voltage} V on all phases, {current} A on phase {phase} alone, power factor "
        "{power_factor}{side} ({power}), and switch it on.",
    ),
    "set_voltage": (
        "请只加电压: {voltage} V, 不加电流",
        "Apply the voltage alone: {voltage} V, no current.",
    ),
    "inductive": (" 感性", " inductive"),
    "capacitive": (" 容性", " capacitive"),
    "fed_back": (", 反向: 电流反相 180°, 电能由负载侧送出", ", exported: the current turned by 180°"),
    "load_off": ("请断开负载", "Switch the load off."),
    "said_before": ("原答: {said}", "was: {said}"),
    "still_open": ("未答: {fields}", "open: {fields}"),
    "nothing_open": ("已答完", "nothing open"),
}

word = Texts(_WORDS, below=common.word)
