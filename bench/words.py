"""The words of the command line, in Chinese and English. Sentences about findings are in calibration/reasons.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.errors import OperatorError
from calibration.rules import Conditions

_WORDS: dict[str, tuple[str, str]] = {
    "test_point": ("试验点", "test point"),
    "load_point": ("负载点", "load point"),
    "error": ("误差 %", "error %"),
    "uncertainty": ("U %", "U %"),
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
        "另有 {more} 条更早的, 见网页, 或 bench show {run}",
        "{more} earlier ones are on the page; at the end, bench show {run} tells what each result hangs on",
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
    "expired": (
        "标准表的证书已于 {day} 到期; 结果仅供参考",
        "the reference standard's certificate ended on {day}; results are informative",
    ),
    "recorded": (
        "{path}: {seconds} 秒内 {edges} 个边沿, 丢失 {lost} 个",
        "{path}: {edges} edges in {seconds} s, {lost} lost",
    ),
    "environment": (
        "环境温度 {min} … {max} °C, 平均 {mean} °C",
        "ambient temperature {min} … {max} °C, mean {mean} °C",
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
    "export": ("反向", "export"),
    "pooled": (
        "由 {results} 个重复性结果合并, 自由度 {degrees}; 写入 bench.toml:",
        "pooled from {results} repeatability results, {degrees} degrees of freedom; write into bench.toml:",
    ),
    "load_off": ("请断开负载", "Switch the load off."),
    "reached": ("已到 {power} W; 记录 {dwell} 秒", "{power} W are reached; {dwell} s are recorded"),
    "page_stays": ("网页保持打开; 按 Ctrl-C 结束", "The page stays open; Ctrl-C ends it."),
    "page_at": ("网页: {address}", "The page: {address}"),
    "listening": (
        "控制接口: {socket}; 开始测量: bench start PLAN.toml --config {config}",
        "Listening on {socket}; start a run: bench start PLAN.toml --config {config}",
    ),
    "run_starts": (
        "{run} 开始; 提前结束: bench stop --config {config}",
        "{run} starts; end it early: bench stop --config {config}",
    ),
    "password_of": ("{person} 的密码: ", "Password of {person}: "),
    "new_password_of": (
        "{person} 的新密码 (至少 12 个字符): ",
        "New password of {person} (12 characters or more): ",
    ),
    "again": ("再输入一次: ", "Once more: "),
    "person_is": ("{person}: {roles}", "{person}: {roles}"),
    "person_forgotten": ("{person} 的姓名已删除, 编号保留", "the name of {person} is deleted; the id stays"),
    "password_is_set": ("{person} 的密码已设定", "the password of {person} is set"),
    "has_left": ("已离开", "has left"),
    "role_verifier": ("检定员", "verifier"),
    "role_checker": ("核验员", "checker"),
    "role_technician": ("技术员", "technician"),
    "role_office": ("业务员", "office"),
    "role_administrator": ("管理员", "administrator"),
    "authorisation_is": (
        "授权 {number}: {person}, {items}, {kinds}, {first} 至 {last}, 由 {by} 授予",
        "authorisation {number}: {person}, {items}, {kinds}, {first} to {last}, given by {by}",
    ),
    "all_items": ("所有项目", "all tests"),
    "all_meters": ("所有电能表", "all meters"),
    "is_taken_back": ("已于 {when} 撤销", "revoked {when}"),
    "authorisation_is_revoked": (
        "{person} 的授权 {number} 已撤销",
        "authorisation {number} of {person} is revoked",
    ),
    "card_is": ("{card}: {state}", "{card}: {state}"),
    "kind_reference_standard": ("标准表", "reference standard"),
    "kind_source": ("负载源", "load source"),
    "kind_thermometer": ("温度计", "thermometer"),
    "kind_clock": ("时钟", "clock"),
    "kind_check_meter": ("核查表", "check meter"),
    "kind_bench": ("检定装置", "bench"),
    "state_in_use": ("在用", "in use"),
    "state_due_soon": ("即将到期", "due soon"),
    "state_expired": ("已过期", "expired"),
    "state_withdrawn": ("停用", "withdrawn"),
    "state_under_repair": ("在修", "under repair"),
    "equipment_card": ("器具管理卡片", "Equipment card"),
    "card_id": ("编号", "id"),
    "card_kind": ("类别", "kind"),
    "card_model": ("型号", "model"),
    "card_serial": ("出厂编号", "serial number"),
    "card_class": ("准确度等级", "accuracy class"),
    "card_range": ("测量范围", "range"),
    "card_custodian": ("保管人", "custodian"),
    "card_maintainer": ("使用维护责任人", "maintainer"),
    "card_state": ("状态", "state"),
    "card_load_points": ("核查负载点", "load points of the daily check"),
    "card_certificate": ("证书编号", "certificate"),
    "card_body": ("检定或校准机构", "issued by"),
    "card_day": ("检定或校准日期", "calibrated on"),
    "card_valid_until": ("有效期至", "valid until"),
    "card_error": ("示值误差 %", "error of indication %"),
    "card_U": ("扩展不确定度 % (k = {k})", "expanded uncertainty % (k = {k})"),
    "card_table": ("证书数据", "table of the certificate"),
    "card_current": ("电流 A", "current A"),
    "card_power_factor": ("功率因数", "power factor"),
    "card_voltage": ("电压 V", "voltage V"),
    "card_log": ("维护记录", "maintenance log"),
    "card_day_of_work": ("日期", "day"),
    "card_work": ("内容", "work"),
    "card_by": ("登记人", "entered by"),
    "card_checked": ("最近一次 bench check", "last bench check"),
    "card_version": ("卡片版本", "version of the card"),
    "maintained": ("{card} 的维护已登记: {day}", "the maintenance of {card} on {day} is entered"),
    "no_check_meter": ("没有登记核查表", "no check meter is registered"),
    "chart_is_in": ("受控", "in control"),
    "chart_is_out": ("失控", "OUT OF CONTROL"),
    "chart_has_no_base": ("没有基准期", "no base period"),
    "chart_base": (
        "基准期 {first} 至 {last}: {results} 个结果, 平均 {mean} %, 控制限 {low} 至 {high} % ({by})",
        "base {first} to {last}: {results} results, mean {mean} %, limits {low} to {high} % ({by})",
    ),
    "chart_release": ("{when} 由 {by} 解除: {why}", "released {when} by {by}: {why}"),
    "chart_released": ("{card} {load_point}: 已由 {by} 解除", "{card} {load_point}: released by {by}"),
    "chart_drift": (
        "漂移: 每天 {slope} %, U = {U} %",
        "drift: {slope} % a day, U = {U} %",
    ),
    "chart_no_drift": (
        "看不出漂移: 每天 {slope} %, U = {U} %",
        "no drift is seen: {slope} % a day, U = {U} %",
    ),
    "console": ("控制台", "console"),
    "did_person_added": ("登记人员", "person added"),
    "did_person_changed": ("变更人员", "person changed"),
    "did_person_renamed": ("更改姓名", "person renamed"),
    "did_person_forgotten": ("删除姓名", "person forgotten"),
    "did_password_set": ("设定密码", "password set"),
    "did_password_refused": ("密码错误", "password refused"),
    "did_authorised": ("授权", "authorised"),
    "did_authorisation_revoked": ("撤销授权", "authorisation revoked"),
    "did_rules_approved": ("批准规程", "rules approved"),
    "did_rules_revoked": ("撤销规程批准", "rules revoked"),
    "did_equipment_added": ("登记器具", "equipment added"),
    "did_equipment_changed": ("变更器具", "equipment changed"),
    "did_maintained": ("登记维护", "maintained"),
    "did_chart_base": ("设定控制图基准期", "chart base"),
    "did_chart_released": ("解除控制图失控", "chart released"),
    "trail_holds": (
        "{entries} 条记录完整; 最后一条的散列: {hash}",
        "{entries} entries hold; hash of the last one: {hash}",
    ),
    "trail_broken": (
        "记录从第 {number} 条起不完整: 被改动, 删去或插入; 请从备份恢复",
        "the trail does not hold from entry {number} on: changed, taken out or put in; restore it from a back-up",
    ),
    "is_skipped": ("表位 {position} 已退出本次测量", "position {position} is out of this run"),
    "is_confirmed": ("已确认", "confirmed"),
    "waits_for_nothing": ("检定台现在没有等待确认", "the bench waits for no confirmation just now"),
    "press_the_button": (
        "请按检定台上的启动按钮; 装有启动按钮时只有它有效",
        "press the start button at the bench; where one is wired, only it arms the bench",
    ),
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
    "run_ends": ("测量结束, 负载正在断开", "the run ends; the load comes off"),
    "plan_written": (
        "已写入 {path}; 下一步: bench plan check {path} --config {config}",
        "{path} is written; next: bench plan check {path} --config {config}",
    ),
    "recompute": ("重新计算: {command}", "recompute it: {command}"),
    "replayed": ("{run}: {results}, {differ}", "{run}: {results}, {differ}"),
    "was_interrupted": ("测量曾被中断", "the run was interrupted"),
    "no_end_yet": (
        "记录里没有结束: 正在测量, 或程序被强行终止, 或最后的记录已丢失",
        "it has no end in the journal: it is under way, its program was killed, or its last records are gone",
    ),
    "nothing_recomputed": ("没有可以重新计算的结果", "there was no result to recompute"),
    "differs": (
        "{where}: 记录为 {recorded}, 重新计算得 {recomputed}",
        "{where}: recorded {recorded}, recomputed {recomputed}",
    ),
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
    "approved_by": ("由 {person} 批准, {when}", "approved by {person}, {when}"),
    "revoked_by": ("由 {person} 撤销, {when}", "revoked by {person}, {when}"),
    "is_approved": ("{name} ({hash}) 已由 {person} 批准", "{name} ({hash}) is approved by {person}"),
    "is_revoked": (
        "{name} ({hash}) 的批准已由 {person} 撤销",
        "the approval of {name} ({hash}) is revoked by {person}",
    ),
    "edition": ("版本 {edition}", "edition {edition}"),
    "setting": ("设置", "setting"),
    "configured": ("配置", "configured"),
    "measured": ("实测", "measured"),
    "at_most": ("最大", "at most"),
    "write": ("应写", "write"),
    "agrees": ("一致", "agrees"),
    "no_step_seen": ("看不出步长, 比能分辨的更细", "no step seen, finer than can be told"),
    "uneven_refresh": (
        "寄存器刷新不均匀; 请读得更快, 或用它的脉冲输出",
        "the registers do not change evenly enough; poll faster, or use its pulse output",
    ),
    "lag_not_seen": (
        "负载变了, 但寄存器太粗, 看不出滞后",
        "the load changed, but the registers are too coarse to show the lag; use finer ones",
    ),
    "load_did_not_change": (
        "负载没有变化, 看不出滞后",
        "the load did not change, and only a step of it shows the lag",
    ),
    "polls": (
        "读取 {polls} 次, 间隔 {interval} ms; 延迟 {latency} ms ± {jitter} ms",
        "{polls} polls, every {interval} ms; latency {latency} ms ± {jitter} ms",
    ),
    "suitable": (
        "{accuracy_class} 级: 可以检定; 需要 U ≤ {allowed} % (限值 ±{limit} % 的五分之一), 标准表自身 {own} %",
        "class {accuracy_class}: can be verified; needs U ≤ {allowed} % (a fifth of ±{limit} %), "
        "the reference alone has {own} %",
    ),
    "not_suitable": (
        "{accuracy_class} 级: 不能检定; 需要 U ≤ {allowed} % (限值 ±{limit} % 的五分之一), 标准表自身 {own} %",
        "class {accuracy_class}: cannot be verified; needs U ≤ {allowed} % (a fifth of ±{limit} %), "
        "the reference alone has {own} %",
    ),
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
    "not_checked": (
        "本装置不检查以下规程条件, 请自行确认: {conditions}",
        "conditions of the rule set that this bench does not check, see to them: {conditions}",
    ),
    "condition_voltage": ("电压 ±{value} %", "voltage ±{value} %"),
    "condition_frequency": ("频率 ±{value} %", "frequency ±{value} %"),
    "condition_distortion": ("波形失真 ≤ {value} %", "distortion at most {value} %"),
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
    "UNJUDGED": ("仅测量", "MEASURED"),
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
    "asks_nothing": ("现在没有要回答的问题", "the bench asks nothing just now"),
    "not_asked_of": (
        "没有问表位 {position}; 问的是 {positions}",
        "nothing is asked of position {position}; asked are {positions}",
    ),
    "no_field": ("没有项目 {field}; 问的是 {fields}", "there is no field {field}; asked are {fields}"),
    "field_twice": (
        "项目 {field} 写了两次; 请只写一次",
        "the field {field} is given twice; give it once",
    ),
    "no_text": (
        "{field}: 请写 1 到 {longest} 个字符, 一行, 不含控制字符",
        "{field}: give 1 to {longest} characters on one line, without control characters",
    ),
    "ok_is_no_reading": (
        "这里不能回答 ok; 请写 {fields} 的内容: 项目=内容",
        "ok is no answer here; write FIELD=VALUE, fields are {fields}",
    ),
    "answer_with": (
        "请写表位 (或 all), 再写每个项目的 项目=内容, 或 ok",
        "answer with a position (or all) and FIELD=VALUE for each field, or ok",
    ),
    "no_answer": (
        "{said} 不是回答; 请写 项目=内容, 项目有 {fields}",
        "{said} is no answer; write FIELD=VALUE, fields are {fields}",
    ),
    "how_to_skip": (
        "请写 skip, 表位, 以及退出本次检定的原因",
        "write skip, the position and why it is taken out of the run",
    ),
    "say_why": (
        "请用一行写明原因, 1 到 {longest} 个字符",
        "say why in one line of 1 to {longest} characters",
    ),
    "no_closing_quote": (
        "{line} 读不懂 ({why}); 请补上引号",
        "{line} cannot be read ({why}); close the quotation mark",
    ),
    "said_before": ("原答: {said}", "was: {said}"),
    "still_open": ("未答: {fields}", "open: {fields}"),
    "nothing_open": ("已答完", "nothing open"),
    "not_official": ("为何不是正式结果: {why}", "why it is not official: {why}"),
    "left": ("还需约 {seconds} 秒", "about {seconds} s left"),
}

_COUNTED: dict[str, tuple[str, str, str]] = {
    "result": ("{n} 个结果", "{n} result", "{n} results"),
    "figure_differs": ("{n} 个数字不同", "{n} figure differs", "{n} figures differ"),
}


def counted(key: str, language: str, n: int) -> str:
    """So many of something."""
    zh, one, many = _COUNTED[key]
    return (zh if language == "zh" else one if n == 1 else many).format(n=n)


ITEMS: dict[str, tuple[str, str]] = {
    "visual": ("外观检查", "visual inspection"),
    "warm_up": ("预热", "warm-up"),
    "no_load": ("潜动试验", "no load (creep)"),
    "starting": ("起动试验", "starting"),
    "basic_error": ("基本误差", "basic error"),
    "repeatability": ("测量重复性", "repeatability"),
    "meter_constant": ("仪表常数试验", "meter constant"),
    "power_time": ("瓦秒法核对", "power × time"),
    "clock": ("日计时误差", "clock"),
    "tariff_sum": ("费率电量之和", "tariff sum"),
}


def item_word(item: str, language: str) -> str:
    """The name of an item of a verification."""
    return ITEMS[item][0 if language == "zh" else 1]


def item_names(items: Iterable[str]) -> dict[str, str]:
    """The names of several, as values of a sentence: `items_zh` and `items_en`."""
    names = [ITEMS[item] for item in items]
    return {"items_zh": "、".join(zh for zh, _ in names), "items_en": ", ".join(en for _, en in names)}


FIELDS: dict[str, tuple[str, str]] = {
    "nameplate": ("铭牌", "nameplate"),
    "seals": ("封印", "seals"),
    "housing": ("外壳", "housing"),
    "display": ("显示", "display"),
    "terminals": ("接线端子", "terminals"),
    "total_kWh": ("总电量", "total energy register"),
    **{
        f"tariff_{n}_kWh": (f"费率{n}电量", f"energy register of tariff {n}; - where the meter has none")
        for n in range(1, 5)
    },
}
"""What people are asked for; the Chinese name is taken for the field, too."""


def field_word(field: str, language: str) -> str:
    """A field that people are asked for, as they must type it, with its meaning where that differs."""
    meaning = FIELDS[field][0 if language == "zh" else 1]
    return field if meaning == field else f"{field} ({meaning})"


def point_word(point: Mapping[str, Any], language: str) -> str:
    """A test point of STATE: a load point of basic error by its name alone."""
    load = point["name"] and load_word(point["name"], point.get("direction"), language)
    if point["item"] == "basic_error":
        return str(load)
    return " ".join(filter(None, (item_word(point["item"], language), load)))


def load_word(name: str, direction: str | None, language: str) -> str:
    """A load point by its name, and by its direction where it is not the usual one."""
    return f"{name} {word('export', language)}" if direction == "export" else name


def word(key: str, language: str, **values: object) -> str:
    """The word in "zh" or "en", with its values filled in. A key without an entry is shown as it is."""
    if key not in _WORDS:
        return key
    return _WORDS[key][0 if language == "zh" else 1].format(**values)


def unchecked_conditions(conditions: Conditions | None, language: str) -> str:
    """What a rule set asks of the supply and this bench only states; empty where it asks nothing."""
    if conditions is None:
        return ""
    asked = {
        "condition_voltage": conditions.voltage_pct,
        "condition_frequency": conditions.frequency_pct,
        "condition_distortion": conditions.distortion_pct,
    }
    said = [word(key, language, value=f"{value:g}") for key, value in asked.items() if value is not None]
    return word("not_checked", language, conditions=", ".join(said)) if said else ""


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


class RefusedError(OperatorError):
    """What was said cannot be taken; its message is a word of this module."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(word(key, "en", **values))
        self._key, self._values = key, values

    def in_language(self, language: str) -> str:
        return word(self._key, language, **self._values)
