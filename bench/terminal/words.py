"""What is said at a terminal of a plan, a run and its results, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench import words as common
from bench.words import item_word
from calibration.texts import Texts

_WORDS = {
    "test_point": ("检定点", "test point"),
    "load_point": ("负载点", "load point"),
    "error": ("误差 %", "error %"),
    "uncertainty": ("U %", "U %"),
    "limit": ("限值 %", "limit %"),
    "pulses": ("脉冲", "pulses"),
    "true": ("真值 %", "true %"),
    "verdict": ("结论", "verdict"),
    "position": ("表位", "pos."),
    "all_positions": ("所有表位", "all positions"),
    "repeated": ("(重做)", "(repeated)"),
    "attempt": ("(第 {attempt} 次)", "(attempt {attempt})"),
    "more_faults": (
        "另有 {more} 条更早的, 见网页, 或 bench show {run}",
        "{more} earlier ones are on the page; at the end, bench show {run} tells what each result hangs on",
    ),
    "waiting": ("等待", "waiting"),
    "settling": ("加载", "settling"),
    "measuring": ("测量", "measuring"),
    "disturbed": ("受干扰", "disturbed"),
    "taken_out": ("已撤出", "taken out"),
    "done": ("完成", "done"),
    "reference": ("标准表", "reference"),
    "silent": ("无应答", "silent"),
    "environment": (
        "环境温度 {min} … {max} °C, 平均 {mean} °C",
        "ambient temperature {min} … {max} °C, mean {mean} °C",
    ),
    "undervolted": (
        "计算机供电电压曾经过低; 请换电源或电源线",
        "the computer's supply was too low; replace it or its cable",
    ),
    "humidity": ("相对湿度 {min} … {max} %", "relative humidity {min} … {max} %"),
    "told": ("表位 {position} 的表自报: {parts}", "the meter at position {position} tells: {parts}"),
    "told_address": ("地址 {value}", "address {value}"),
    "told_constant": ("常数 {value} imp/kWh", "constant {value} imp/kWh"),
    "told_clock": (
        "时钟 {value}, 比装置时间超前 {ahead} 秒 (±{within} 秒, 仅供参考)",
        "clock {value}, ahead of the bench's time by {ahead} s (±{within} s, informative)",
    ),
    "told_clock_alone": ("时钟 {value}", "clock {value}"),
    "told_nothing": ("没有", "nothing"),
    "export": ("反向", "export"),
    "password_of": ("{person} 的密码: ", "Password of {person}: "),
    "new_password_of": (
        "{person} 的新密码 (至少 12 个字符): ",
        "New password of {person} (12 characters or more): ",
    ),
    "password_of_backup": ("备份中私钥的密码: ", "Password of the private keys in the back-up: "),
    "password_of_key": ("密钥文件 {path} 的密码: ", "Password of the key file {path}: "),
    "again": ("再输入一次: ", "Once more: "),
    "wait_start": (
        "可以加电时请在检定台旁确认, 之后会加上电压和电流: {how}",
        "confirm at the bench that it may be energised; voltage and current follow: {how}",
    ),
    "wait_load": ("负载调好后请确认: {how}", "when the load is set, confirm it: {how}"),
    "wait_why_not": ("还不能加电: {why}", "it cannot be energised yet: {why}"),
    "wait_cover_opened": (
        "还不能加电: 防护罩开着; 请关好, 然后{how}",
        "it cannot be energised yet: the cover is open; close it, then {how}",
    ),
    "wait_emergency_stop_pressed": (
        "还不能加电: 急停按着; 请排除危险后旋开, 然后{how}",
        "it cannot be energised yet: the emergency stop is pressed; see what is wrong, release it, then {how}",
    ),
    "press_enter": ("按 Enter", "press Enter"),
    "press_start": ("按启动按钮", "press the start button"),
    "or_else": ("{one} 或 {other}", "{one} or {other}"),
    "run": ("测量", "run"),
    "started": ("开始 (UTC)", "started (UTC)"),
    "title": ("标题", "title"),
    "serial": ("表号", "serial"),
    "kind": ("性质", "worth"),
    "ended": ("状态", "state"),
    "damaged": ("记录损坏", "damaged"),
    "run_ended": ("已结束", "ended"),
    "run_interrupted": ("中断", "interrupted"),
    "run_open": ("正在测量或被终止", "under way or killed"),
    "item": ("项目", "item"),
    "planned": ("计划时间", "planned"),
    "predicted": ("预计 U %", "predicted U %"),
    "decidable": ("可判定", "can be decided"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "takes": (
        "共约 {time} (不含人工)",
        "takes about {time} in all, without the time that people need",
    ),
    "starting_time": (
        "起动电流 {current} A 下, 无误差的表每 {period} 秒一个脉冲; 等 {pulses} 个, 每个最多 {limit} 秒",
        "at {current} A a meter without error gives a pulse every {period} s; {pulses} are waited for, each at most "
        "{limit} s",
    ),
    "valid_for": (
        "检定合格的有效期: {years}",
        "a pass is valid for: {years}",
    ),
    "years_of_class": ("{accuracy_class} 级 {years} 年", "{years} years (class {accuracy_class})"),
    "will_ask": ("需要人回答: {items}", "asks people: {items}"),
    "worth": ("结果性质: {kind}", "worth of the results: {kind}"),
    "decides_all": (
        "可以开始: 本装置能判定全部项目",
        "It can start: this bench can decide all of it.",
    ),
    "decides_not_all": (
        "可以开始, 但上面标出的项目本装置不能判定, 会得无效",
        "It can start, but what is marked above cannot be decided on this bench and will be INVALID.",
    ),
    "conditional": ("有条件 {verdict}", "{verdict}, conditional"),
    "done_of": ("已完成", "done"),
    "watching": ("观察", "watching"),
    "asking": ("等待回答", "asking"),
    "line_before": ("试验前验证脉冲线", "line shown alive before"),
    "line_after": ("试验后验证脉冲线", "line shown alive after"),
    "test": ("试验", "test"),
    "clock": ("钟", "clock"),
    "hold": ("保持负载", "load held"),
    "energy": ("走字", "energy"),
    "earlier_run": ("沿用", "taken over"),
    "question": (
        "{item}: 请回答表位 {positions}: {fields}",
        "{item}: please answer for position {positions}: {fields}",
    ),
    "how_to_answer": (
        "输入 `ok` (其余全部正常), 或 `表位 项目=内容`, 例如: {example}",
        "type `ok` (nothing wrong in all that is open), or `POSITION FIELD=VALUE`, such as: {example}",
    ),
    "how_to_type": (
        "输入 `表位 项目=内容`, 例如: {example}",
        "type `POSITION FIELD=VALUE`, such as: {example}",
    ),
    "how_to_answer_elsewhere": (
        "请在另一终端运行: bench answer {example}",
        "on another terminal: bench answer {example}",
    ),
    "not_official": ("为何不是正式结果: {why}", "why it is not official: {why}"),
    "left": ("还需约 {seconds} 秒", "about {seconds} s left"),
}

word = Texts(_WORDS, below=common.word)


def point_word(point: Mapping[str, Any], language: str) -> str:
    """A test point of STATE: a load point of basic error by its name alone."""
    load = point["name"] and load_word(point["name"], point.get("direction"), language)
    if point["item"] == "basic_error":
        return str(load)
    return " ".join(filter(None, (item_word(point["item"], language), load)))


def load_word(name: str, direction: str | None, language: str) -> str:
    """A load point by its name, and by its direction where it is not the usual one."""
    return f"{name} {word('export', language)}" if direction == "export" else name


def told_line(position: str, told: Mapping[str, Any], language: str) -> str:
    """What a meter told of itself over its port, on one line."""
    parts = []
    if told["address"]:
        parts.append(word("told_address", language, value=told["address"]))
    if constant := told["meter_constant_imp_per_kWh"]:
        parts.append(word("told_constant", language, value=constant))
    if clock := told["clock"]:
        is_compared = told["clock_ahead_s"] is not None
        key = "told_clock" if is_compared else "told_clock_alone"
        ahead, within = told["clock_ahead_s"], told["clock_within_s"]
        parts.append(word(key, language, value=clock.replace("T", " "), ahead=ahead, within=within))
    said = "; ".join(parts) or word("told_nothing", language)
    return word("told", language, position=position, parts=said)


def environment_line(over_run: Mapping[str, Any], language: str) -> str:
    """Temperature and humidity over a run, on one line."""
    said = word("environment", language, **over_run["temperature_C"])
    if humidity := over_run["humidity_pct"]:
        said += "; " + word("humidity", language, min=humidity["min"], max=humidity["max"])
    return said
