"""Every reason a window, an estimator or a result can be refused with, and its sentence in two languages.

One place: the page, the terminal and the certificate print from here. Each reason is its name, as records and the
socket have it for good, and its sentence in Chinese and in English. The values in braces come with the finding,
already formatted. A sentence says what happened and, where somebody can do something about it, what.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calibration.text_references import readable


@dataclass(frozen=True, slots=True)
class Without:
    """The sentence of findings that do not have this value."""

    value: str
    zh: str
    en: str


def sentence(reason: Reason, values: Mapping[str, str], language: str) -> str:
    """The sentence for a reason in "zh" or "en". A value that is missing nevertheless is shown as an em dash."""

    class _Dash(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "—"

    return readable(template(reason, values, language).format_map(_Dash(values)), language)


def finding_sentence(finding: Mapping[str, Any], language: str) -> str:
    """The sentence for a finding as records and messages write it: {"reason": ..., "values": {...}}.

    A reason that only a newer program knows is said by its name: never dropped.
    """
    try:
        reason = Reason(finding["reason"])
    except ValueError:
        return str(finding["reason"])
    return sentence(reason, finding.get("values", {}), language)


def template(reason: Reason, values: Collection[str], language: str) -> str:
    """The sentence for a reason with its braces, as it is for a finding that has these values."""
    without = reason.without
    said = reason if without is None or without.value in values else without
    return said.zh if language == "zh" else said.en


class Reason(StrEnum):
    """zh, en: its sentence, and without: the other one of a reason whose findings cannot all have the same values."""

    zh: str
    en: str
    without: Without | None

    def __new__(cls, name: str, zh: str = "", en: str = "", without: Without | None = None) -> Reason:
        reason = str.__new__(cls, name)
        reason._value_ = name
        reason.zh, reason.en, reason.without = zh, en, without
        return reason

    # the meter's pulse line
    PULSES_LOST = (
        "pulses_lost",
        "队列溢出，丢失了 {lost} 个边沿，这一段不算",
        "edges lost in an overflowing queue: {lost}; this part does not count",
        Without(
            "lost",
            "脉冲输入重新启动过，丢失了多少边沿无从得知，这一段不算",
            "the pulse input was restarted and nobody knows how many edges were lost; this part does not count",
        ),
    )
    EDGES_NOT_ALTERNATING = (
        "edges_not_alternating",
        "脉冲线上出现两个同方向的边沿（抖动或丢失），这一段不算",
        "two edges of the same kind came in a row (bounce or loss); this part does not count",
    )
    PULSE_MISSING = (
        "pulse_missing",
        "刚才漏了一次闪灯，这一段不算",
        "a flash was missed; this part does not count",
    )
    PULSE_DOUBLED = (
        "pulse_doubled",
        "多出了一次闪灯，这一段不算",
        "there was one flash too many; this part does not count",
    )
    PULSE_EARLY = (
        "pulse_early",
        "有一次闪灯来得太早，这一段不算",
        "a flash came too early; this part does not count",
    )
    COUNT_STEP = (
        "count_step",
        "脉冲计数相对电能跳了一整个脉冲，这一段不算",
        "the count moved by a whole pulse against the energy; this part does not count",
    )
    PULSE_OFF_FRAME = (
        "pulse_off_frame",
        "有一次闪灯不在电表 {frame} 秒的节拍上，这一段不算",
        "a flash did not come in the meter's rhythm of {frame} s; this part does not count",
    )
    LINE_SILENT = (
        "line_silent",
        "{seconds} 秒没有脉冲，按此负载早该有了；请检查脉冲线",
        "no pulse for {seconds} s, where this load must give one; check the pulse line",
    )
    TOO_FEW_PULSES = (
        "too_few_pulses",
        "只数到 {pulses} 个脉冲，至少需要 {needed} 个",
        "too few pulses: {pulses}; at least {needed} are needed",
    )
    # the reference standard
    REFERENCE_SILENT = (
        "reference_silent",
        "标准表 {seconds} 秒没有应答；请检查接线和电源",
        "the reference standard has not answered for {seconds} s; check its wiring and supply",
    )
    REFERENCE_STALLED = (
        "reference_stalled",
        "标准表的读数 {seconds} 秒没有变化，而负载仍在",
        "the reference standard's registers stood still for {seconds} s under load",
    )
    REFERENCE_LATE = (
        "reference_late",
        "标准表应答迟到（{seconds} 秒），不予采用",
        "a reply of the reference standard came late ({seconds} s) and is not used",
    )
    REFERENCE_NOT_A_NUMBER = (
        "reference_not_a_number",
        "标准表给出了无效数值",
        "the reference standard sent an invalid value",
    )
    REFERENCE_OVER_RANGE = ("reference_over_range", "标准表超量程", "the reference standard is over range")
    REFERENCE_BACKWARD = (
        "reference_backward",
        "标准表的电能示值倒走",
        "the reference standard's energy went backwards",
    )
    REFERENCE_RESET = (
        "reference_reset",
        "标准表的电能示值归零（重新启动？）",
        "the reference standard's energy register was reset (restarted?)",
    )
    REFERENCE_RANGE_CHANGED = (
        "reference_range_changed",
        "标准表换了量程",
        "the reference standard changed its range",
    )
    REFERENCE_JUMP = (
        "reference_jump",
        "标准表的电能变化与功率不符",
        "the reference standard's energy does not follow its power",
    )
    REFERENCE_REFUSED = (
        "reference_refused",
        "标准表拒绝了请求：{detail}",
        "the reference standard refused a request: {detail}",
    )
    REFERENCE_GARBLED = (
        "reference_garbled",
        "标准表的应答有误（{detail}），不予采用；请检查通信线",
        "a reply of the reference standard was damaged ({detail}) and is not used; check the line",
    )
    # the load
    LOAD_UNSTEADY = (
        "load_unsteady",
        "负载变化了 {change} %，允许 {allowed} %",
        "the load moved by {change} %, {allowed} % is allowed",
    )
    LOAD_NOT_REACHED = (
        "load_not_reached",
        "负载没有到位：要求 {wanted} W，标准表读到 {read} W",
        "the load was not reached: {wanted} W wanted, the reference standard reads {read} W",
    )
    LOAD_REVERSED = (
        "load_reversed",
        "电能流向相反：要求 {wanted} W，标准表读到 {read} W；请检查电流方向和正向、反向的选择",
        "the energy flows the other way: {wanted} W wanted, the reference standard reads {read} W; check the direction "
        "of the current, and import or export",
    )
    VOLTAGE_NOT_REACHED = (
        "voltage_not_reached",
        "电压没有到位：要求 {wanted} V，标准表读到 {read} V",
        "the voltage was not reached: {wanted} V wanted, the reference standard reads {read} V",
    )
    VOLTAGE_NOT_HELD = (
        "voltage_not_held",
        "试验期间电压没有保持：要求 {wanted} V，标准表曾读到 {read} V",
        "the voltage did not hold: {wanted} V wanted, the reference standard once read {read} V",
    )
    LOAD_RESONATES = (
        "load_resonates",
        "此负载下标准表的跳字与其刷新合拍，难以平均；请把负载调到约 {better_power_W} W，或延长测量时间",
        "at this load the reference standard's steps beat with its refresh and do not average out; "
        "set about {better_power_W} W (1 to 3 % away), or measure for longer",
        Without(
            "better_power_W",
            "此负载下标准表的跳字与其刷新合拍，难以平均，附近也没有更好的负载；请延长测量时间",
            "at this load, and at those within 3 % of it, the reference standard's steps beat with its refresh and "
            "do not average out; measure for longer",
        ),
    )
    SOURCE_FAULT = (
        "source_fault",
        "负载源报告异常，负载已断开：{detail}",
        "the load source reports a fault, and the load was removed: {detail}",
    )
    LOAD_TIME_LIMIT = (
        "load_time_limit",
        "{current} A 的负载已持续 {seconds} 秒，本装置允许 {allowed} 秒，负载已断开",
        "a load of {current} A has lasted {seconds} s, {allowed} s are allowed on this bench; it was removed",
    )
    LOAD_RESTS = (
        "load_rests",
        "大电流负载之后装置要冷却，{seconds} 秒后才接通 {current} A",
        "the bench rests after a high current; {current} A may follow in {seconds} s",
    )
    # the bench clock
    CLOCK_SLEWING = (
        "clock_slewing",
        "测量期间系统时钟在被调整（{ppm} ppm），超出允许",
        "the bench clock was being slewed ({ppm} ppm) during the measurement, beyond its budget row",
    )
    # estimators that decline
    POLLED_TOO_SLOWLY = (
        "polled_too_slowly",
        "读取间隔 {poll} 秒，大于刷新间隔 {refresh} 秒的四分之一",
        "polled every {poll} s, slower than a quarter of the refresh interval {refresh} s",
    )
    REFRESH_NOT_PERIODIC = (
        "refresh_not_periodic",
        "标准表的刷新不均匀（残差 {residual} ms，允许 {allowed} ms）",
        "the reference standard does not refresh evenly (residual {residual} ms, {allowed} ms allowed)",
    )
    TOO_FEW_TICKS = (
        "too_few_ticks",
        "电能示值只跳了 {ticks} 次，至少需要 {needed} 次",
        "the energy register moved {ticks} times, at least {needed} are needed",
    )
    SCALE_INCONSISTENT = (
        "scale_inconsistent",
        "标准表的功率与电能对不上",
        "the reference standard's power and energy registers contradict each other",
    )
    SCALE_OUT_OF_SPECIFICATION = (
        "scale_out_of_specification",
        "标准表的电能与功率之比偏离 {scale} %，允许 {allowed} %",
        "the reference standard's energy and power differ by {scale} %, {allowed} % is allowed",
    )
    LAG_MISMATCH = (
        "lag_mismatch",
        "标准表功率滞后 {lag} 秒，与登记的不符",
        "the reference standard's power lags by {lag} s, not as recorded",
    )
    RESIDUALS_DRIFT = (
        "residuals_drift",
        "标准表电能与功率之差在测量中漂移",
        "the difference of the reference standard's energy and power drifted during the run",
    )
    WINDOW_OUTSIDE_READINGS = (
        "window_outside_readings",
        "标准表的读数没有覆盖整个窗口",
        "the reference readings do not cover the whole window",
    )
    NO_REFERENCE_PULSES = (
        "no_reference_pulses",
        "没有接标准表的脉冲",
        "no pulses of the reference standard are wired",
    )
    # all estimators together
    NO_VALID_ESTIMATOR = ("no_valid_estimator", "没有一种算法能用这段数据", "no estimator can use these data")
    ESTIMATORS_DISAGREE = (
        "estimators_disagree",
        "两种独立的算法不一致（{first} 与 {second} 相差 {difference} %）",
        "two independent ways disagree ({first} and {second} differ by {difference} %)",
    )
    UNCERTAINTY_TOO_LARGE = (
        "uncertainty_too_large",
        "不确定度 {U} % 太大，需要 {wanted} %；约需 {seconds} 秒",
        "the uncertainty {U} % is too large, {wanted} % is wanted; it would take about {seconds} s",
        Without(
            "seconds",
            "不确定度 {U} % 太大，需要 {wanted} %；测多久都达不到",
            "the uncertainty {U} % is too large, {wanted} % is wanted; no time is enough",
        ),
    )
    TIME_TOO_SHORT = (
        "time_too_short",
        "此负载点约需 {seconds} 秒（至少 {pulses} 个脉冲），计划最长 {longest} 秒",
        "this load point takes about {seconds} s (for {pulses} pulses), the plan allows {longest} s",
    )
    # the run
    STOPPED_BY_OPERATOR = ("stopped_by_operator", "检定员停止了测量", "the verifier stopped the measurement")
    SKIPPED_BY_OPERATOR = (
        "skipped_by_operator",
        "检定员把这个表位撤出了检定：{why}",
        "the verifier took this position out of the run: {why}",
    )
    EMERGENCY_STOP_PRESSED = (
        "emergency_stop_pressed",
        "急停：负载已断开；排除危险后旋开急停按钮，再重新开始",
        "emergency stop: the load is off; see what is wrong, release the button, and start again",
    )
    COVER_OPENED = (
        "cover_opened",
        "防护罩打开：负载已断开；请关好防护罩，再重新开始",
        "the cover is or was open: the load is off; close it and start again",
    )
    PANEL_FAILED = (
        "panel_failed",
        "操作面板读不出来，按不安全处理，负载已断开：{detail}",
        "the panel cannot be read, which counts as unsafe, and the load is off: {detail}",
    )
    LOOP_STALLED = (
        "loop_stalled",
        "测量程序的一个循环（{loop}）停住了，负载已断开；请重新启动测量程序",
        "a loop of the measuring program hangs ({loop}) and the load is off; start the program again",
    )
    NOT_STARTED = (
        "not_started",
        "没有人在检定台旁按下启动按钮，测量没有开始",
        "nobody at the bench pressed start in time, so nothing was measured",
    )
    LOAD_NOT_CONFIRMED = (
        "load_not_confirmed",
        "没有人确认负载已调好，测量没有继续",
        "nobody confirmed in time that the load was set, so nothing was measured",
    )
    METER_CONSTANT_SUSPECT = (
        "meter_constant_suspect",
        "误差 {error} %，不像是电能表本身的误差；请核对方案里的仪表常数（{constant} imp/kWh）和接线",
        "an error of {error} % is hardly the meter's own; check the meter constant in the plan "
        "({constant} imp/kWh) and the wiring",
    )
    NOT_JUDGED = (
        "not_judged",
        "规程在这里没有规定限值，只测量，不判定",
        "the rule set states no limit here: measured, not judged",
    )
    RUNS_SCATTER = (
        "runs_scatter",
        "几次测量的分散（{sd} %）明显大于本装置平时的重复性（{pooled} %）",
        "the runs scatter ({sd} %) clearly more than this bench usually does ({pooled} %)",
    )
    GUARD_BAND_TOO_WIDE = (
        "guard_band_too_wide",
        "不确定度 {U} % 不小于限值 {limit} %，按保护带规则没有任何误差能判为合格",
        "the uncertainty {U} % is not below the limit {limit} %: with a guard band no error at all could pass",
    )
    UNBALANCE = (
        "unbalance",
        "{phase} 相单独带负载与平衡负载的误差相差 {difference} %，限值 {limit} %",
        "the errors with phase {phase} alone loaded and with balanced load differ by {difference} %, {limit} % is "
        "allowed",
        Without(
            "phase",
            "单相负载与平衡负载的误差相差 {difference} %，限值 {limit} %",
            "the errors with one phase loaded and with balanced load differ by {difference} %, {limit} % is allowed",
        ),
    )
    ERROR_BEYOND_LIMIT = (
        "error_beyond_limit",
        "误差 {error} % 超出限值 ±{limit} %",
        "the error {error} % is beyond the limit of ±{limit} %",
    )
    ERROR_IN_GUARD_BAND = (
        "error_in_guard_band",
        "误差 {error} {unit} 在限值 ±{limit} {unit} 之内，但考虑不确定度后只有 ±{accepted} {unit} 以内才判合格",
        "the error {error} {unit} is within the limit of ±{limit} {unit}, but with its uncertainty only ±{accepted} "
        "{unit} pass",
    )
    # the other items of a verification
    LINE_NOT_ALIVE = (
        "line_not_alive",
        "试验前加上负载，脉冲线上没有脉冲，这样的线上安静什么也证明不了；请检查光电头和接线",
        "no pulses came on this line with a load applied before the test, so silence on it would prove nothing; "
        "check the sensor and its wiring",
    )
    LINE_DIED = (
        "line_died",
        "试验后加上负载，脉冲线上不再有脉冲，所以试验期间的安静什么也证明不了；请检查光电头和接线",
        "no pulses came on this line with a load applied after the test, so its silence during the test proves "
        "nothing; check the sensor and its wiring",
    )
    WATCHES_DISAGREE = (
        "watches_disagree",
        "看了两次，结果不一致：第一次没有按时发出脉冲，第二次正常；脉冲线时断时续也会这样，请检查光电头和接线",
        "watched twice, with different results: the pulses did not come in time at first and did then; a line that "
        "fails at times looks the same, check the sensor and its wiring",
    )
    CREEPS = (
        "creeps",
        "潜动：无电流时出现 {pulses} 个脉冲，最多允许 {allowed} 个",
        "creep: {pulses} pulses without a current, at most {allowed} allowed",
    )
    DOES_NOT_START = (
        "does_not_start",
        "在起动电流 {current} A 下，{seconds} 秒内没有按时发出脉冲",
        "at the starting current of {current} A a pulse did not come within {seconds} s",
    )
    METER_NOT_READ = (
        "meter_not_read",
        "没有读到电能表的示值：{detail}",
        "the meter's register was not read: {detail}",
    )
    REGISTER_DECIMALS_UNKNOWN = (
        "register_decimals_unknown",
        "不知道计度器有几位小数；请按铭牌或显示屏填写",
        "the number of decimals of the meter's register was not given; take it from the nameplate or the display",
    )
    METER_SILENT = (
        "meter_silent",
        "电能表的通信口没有应答：{detail}",
        "the meter did not answer on its port: {detail}",
    )
    METER_ADDRESS_DIFFERS = (
        "meter_address_differs",
        "此表位上的电能表自报地址 {told}，方案里是 {planned}：挂错了表，或方案写错；请核对铭牌，"
        "地址不是表号时在方案的 [[meter]] 里写 address，或设该表位的 meter_identity",
        "the meter at this position tells the address {told}, the plan has {planned}: another meter hangs there, or "
        "the plan is wrong; check the nameplate; where the address is no serial number, give the plan's [[meter]] "
        "address, or set the position's meter_identity",
    )
    DECLARED_CONSTANT_DIFFERS = (
        "declared_constant_differs",
        "电能表自报常数 {told} imp/kWh，方案里是 {planned} imp/kWh；请核对铭牌和方案，再开始测量",
        "the meter tells a constant of {told} imp/kWh, the plan has {planned} imp/kWh; check nameplate and plan before "
        "it is measured",
    )
    READINGS_DO_NOT_FIT = (
        "readings_do_not_fit",
        "计度器的两次示值 {before} 和 {after} kWh 不能相减：可能过零、抄错或漏抄了位数；"
        "请重做这项试验，两次都抄全显示的所有位数",
        "the register's readings {before} and {after} kWh cannot be subtracted: it rolled over, was misread, or digits "
        "were left out; repeat the test and give all digits of the display both times",
    )
    SIMULATED_CONSTANT_DIFFERS = (
        "simulated_constant_differs",
        "模拟电能表的常数是 {have} imp/kWh，方案写的是 {wanted}；请在配置文件的该表位设 "
        "simulated_constant_imp_per_kWh = {wanted}",
        "the simulated meter has {have} imp/kWh and the plan says {wanted}; set simulated_constant_imp_per_kWh = "
        "{wanted} at this position in bench.toml",
    )
    REGISTER_TOO_COARSE = (
        "register_too_coarse",
        "计度器走字太少：至少需要 {needed} kWh，实际 {moved} kWh",
        "the register moved too little: {needed} kWh are needed, it moved by {moved} kWh",
    )
    REGISTER_DISAGREES = (
        "register_disagrees",
        "计度器走了 {register} kWh，脉冲折合 {pulses} kWh，标准表为 {reference} kWh",
        "the register moved by {register} kWh, the pulses amount to {pulses} kWh, the reference says {reference} kWh",
    )
    CONSTANT_DIFFERS = (
        "constant_differs",
        "仪表常数对不上：方案 {configured}，实测 {measured}，表内读出 {read}（imp/kWh）；"
        "方案里的常数不对，或者丢了、多了脉冲；请核对铭牌、方案和脉冲线",
        "the meter constant differs: plan {configured}, measured {measured}, told by the meter {read} (imp/kWh); "
        "the constant in the plan is wrong, or pulses were lost or doubled; check nameplate, plan and the pulse line",
    )
    TARIFFS_DO_NOT_SUM = (
        "tariffs_do_not_sum",
        "各费率电量之和与总电量相差 {difference} kWh，最多允许 {allowed} kWh",
        "the tariff registers and the total differ by {difference} kWh, {allowed} kWh are allowed",
    )
    CLOCK_NOT_TRACEABLE = (
        "clock_not_traceable",
        "装置时钟的频率没有可靠的不确定度（配置项 frequency_U_ppm），不能检定电能表的时钟",
        "the rate of the bench clock has no known uncertainty (clock.frequency_U_ppm), so it cannot test a clock",
    )
    PPS_LOST = (
        "pps_lost",
        "秒脉冲（配置项 pps）不可用：{seconds} 秒内有 {pulses} 个脉冲，最长 {silent} 秒没有；请检查接收机、天线和接线",
        "the pulses of each second (clock.pps) cannot be used: {pulses} in {seconds} s, none for {silent} s; check the "
        "receiver, its antenna and the wiring",
    )
    CLOCK_BEYOND_LIMIT = (
        "clock_beyond_limit",
        "日计时误差 {error} s/d，超出限值 ±{limit} s/d",
        "the clock is off by {error} s/d, ±{limit} s/d is allowed",
    )
    CLOCK_NOT_WIRED = (
        "clock_not_wired",
        "电能表的时钟输出没有接到本装置（配置项 clock_output）",
        "the meter's clock output is not wired to this bench (position.clock_output)",
    )
    CLOCK_OUTPUT_UNUSABLE = (
        "clock_output_unusable",
        "时钟输出不可用：{seconds} 秒内有 {pulses} 个脉冲，间隔 {shortest} 至 {longest} 秒，应为每秒一个；请检查接线",
        "the meter's clock output cannot be used: {pulses} pulses in {seconds} s, {shortest} to {longest} s apart, "
        "where each second has one; check its wiring",
    )
    NOT_ANSWERED = ("not_answered", "没有人回答：{detail}", "nobody answered: {detail}")
    INSPECTION_FAILED = (
        "inspection_failed",
        "外观检查不合格：{fields}",
        "the visual inspection found: {fields}",
    )
    RULES_ASK_NOTHING = (
        "rules_ask_nothing",
        "规程对这一项没有要求",
        "the rule set asks nothing for this test",
    )
    # why a run is informative and not official
    RULES_PROVISIONAL = (
        "rules_provisional",
        "规程数据 {name} 尚未经实验室批准，结果仅供参考",
        "the rule set {name} has not been approved by the laboratory",
    )
    APPROVAL_LAPSED = (
        "approval_lapsed",
        "规程数据 {name} 由 {person} 于 {day} 批准；此后文件已改动（{old}… → {new}…）",
        "the rule set {name} was approved by {person} on {day}; the file has changed since ({old}… → {new}…)",
    )
    APPROVAL_REVOKED = (
        "approval_revoked",
        "规程数据 {name} 的批准已由 {person} 于 {day} 撤销",
        "the approval of the rule set {name} was revoked by {person} on {day}",
    )
    REFERENCE_TOO_WEAK = (
        "reference_too_weak",
        "标准表 {have} 级，检 {meter_class} 级表需要 {needed} 级或更好（现在只有 {ratio} 倍）",
        "the reference standard of class {have} is too weak for class {meter_class} meters: the limit is {ratio} times "
        "its class; class {needed} or better would do",
    )
    REFERENCE_TOO_WEAK_BY_OURS = (
        "reference_too_weak_by_ours",
        "标准表 {have} 级，检 {meter_class} 级表需要 {needed} 级或更好（限值只有它的 {ratio} 倍）；规程数据没有规定，"
        "这是本程序自己的要求（不确定）",
        "the reference standard of class {have} is too weak for class {meter_class} meters: the limit is {ratio} times "
        "its class; class {needed} or better would do (the rule set states none; this bound is ours and unsure)",
    )
    UNCERTAINTY_PART_TOO_LARGE = (
        "uncertainty_part_too_large",
        "方案允许 U 达到限值的 {have} 倍（限值只有 U 的 {ratio} 倍），规程要求限值至少为 U 的 {needed_ratio} 倍；"
        "wanted_uncertainty 不大于 {needed} 才够",
        "the plan lets U be {have} of the limit (the limit is {ratio} times U); the rule set wants {needed_ratio} "
        "times: wanted_uncertainty of at most {needed} would do",
    )
    UNCERTAINTY_PART_TOO_LARGE_BY_OURS = (
        "uncertainty_part_too_large_by_ours",
        "方案允许 U 达到限值的 {have} 倍（限值只有 U 的 {ratio} 倍），至少应为 {needed_ratio} 倍；wanted_uncertainty "
        "不大于 {needed} 才够；规程数据没有规定，这是本程序自己的要求（不确定）",
        "the plan lets U be {have} of the limit (the limit is {ratio} times U), {needed_ratio} times are wanted: "
        "wanted_uncertainty of at most {needed} would do (the rule set states none; this bound is ours and unsure)",
    )
    ITEMS_LEFT_OUT = (
        "items_left_out",
        "规程要求的项目不全，方案里没有：{items_zh}",
        "the plan leaves out what the rule set asks: {items_en}",
    )
    LOAD_POINTS_LEFT_OUT = (
        "load_points_left_out",
        "规程要求的负载点不全，方案里没有：{load_points}",
        "the plan leaves out load points that the rule set asks: {load_points}",
    )
    OTHER_DECISION_RULE = (
        "other_decision_rule",
        "规程按化整后的结果判定（{needed}），方案用的是 {decision_rule}",
        "the rule set judges rounded results (decision_rule {needed}), the plan uses {decision_rule}",
    )
    CERTIFICATE_EXPIRED = (
        "certificate_expired",
        "标准表的证书已于 {day} 到期",
        "the reference standard's certificate expired on {day}",
    )
    OUTSIDE_CERTIFICATE = (
        "outside_certificate",
        "标准表的证书没有覆盖负载点 {load_point}",
        "the reference standard's certificate does not cover the load point {load_point}",
    )
    LAG_UNKNOWN = (
        "lag_unknown",
        "标准表功率寄存器的滞后没有测过；请运行 bench check",
        "the lag of the reference standard's power register was never measured; run bench check",
    )
    INPUT_NOT_METROLOGICAL = (
        "input_not_metrological",
        "脉冲输入 {line} 不能证明没有丢脉冲",
        "the pulse input {line} cannot prove that no pulse was lost",
    )
    CONDITIONS_UNKNOWN = (
        "conditions_unknown",
        "没有填写环境温度，规程要求 {wanted}",
        "the ambient temperature was not given; the rule set wants {wanted}",
    )
    CONDITIONS_UNMET = (
        "conditions_unmet",
        "环境温度为 {have}，规程要求 {wanted}",
        "the ambient temperature is {have}; the rule set wants {wanted}",
    )
    SENSOR_FAILED = (
        "sensor_failed",
        "温度传感器没有读数，环境条件不明（规程要求 {wanted}）：{detail}",
        "the thermometer did not tell, so the conditions are unknown ({wanted} are wanted): {detail}",
    )
    TOO_FEW_REPEATS = (
        "too_few_repeats",
        "每个负载点测 {repeats} 次，规程要求至少 {needed} 次",
        "{repeats} runs at each load point, the rule set wants {needed}",
    )
    REPEATABILITY_UNKNOWN = (
        "repeatability_unknown",
        "只测了一次，装置的重复性也没有登记，结果没有包含重复性",
        "one run only, and the bench's repeatability is not on record: it is not part of the uncertainty",
    )
    REACTIVE_UNSURE = (
        "reactive_unsure",
        "无功电能的规程数据尚不确定，结果仅供参考",
        "the rules for reactive energy are unsure",
    )
    EQUIPMENT_NOT_REGISTERED = (
        "equipment_not_registered",
        "标准表没有登记器具卡片（配置项 card_id）",
        "the reference standard has no equipment card (reference.card_id)",
    )
    EQUIPMENT_NOT_CERTIFIED = (
        "equipment_not_certified",
        "器具 {card} 没有登记证书",
        "equipment {card} has no certificate on its card",
    )
    EQUIPMENT_EXPIRED = (
        "equipment_expired",
        "器具 {card} 的证书已于 {day} 到期",
        "the certificate of equipment {card} expired on {day}",
    )
    EQUIPMENT_WITHDRAWN = (
        "equipment_withdrawn",
        "器具 {card} 已于 {day} 停用",
        "equipment {card} was withdrawn on {day}",
    )
    EQUIPMENT_UNDER_REPAIR = (
        "equipment_under_repair",
        "器具 {card} 自 {day} 起在修理",
        "equipment {card} has been under repair since {day}",
    )
    CONTROL_CHART_OUT = (
        "control_chart_out",
        "核查表 {card} 在 {load_point} 的控制图自 {day}（{run}）起失控；查明原因后由核验员解除",
        "the control chart of check meter {card} at {load_point} is out of control since {day} ({run}); find out why, "
        "then a checker releases it (bench admin daily-check release)",
    )
    CONTROL_CHART_WITHOUT_BASE = (
        "control_chart_without_base",
        "核查表 {card} 在 {load_point} 的控制图还没有基准期",
        "the control chart of check meter {card} at {load_point} has no base period (bench admin daily-check base)",
    )
    DAILY_CHECK_MISSING = (
        "daily_check_missing",
        "今天还没有用核查表 {card} 核查",
        "today's check with check meter {card} is missing",
    )
    VERIFIER_UNKNOWN = (
        "verifier_unknown",
        "没有写明检定员；请用 --by 写明（人员由 bench admin person 登记）",
        "no verifier is named: give --by PERSON (bench admin person registers persons)",
    )
    NOT_AUTHORISED = (
        "not_authorised",
        "{person} 没有获得授权：{items_zh}（{meter}）",
        "{person} is not authorised for {items_en} ({meter})",
    )
    AUTHORISATION_EXPIRED = (
        "authorisation_expired",
        "{person} 的授权已于 {day} 到期：{items_zh}（{meter}）",
        "the authorisation of {person} ended on {day}: {items_en} ({meter})",
    )
    DEVICE_FAILED = ("device_failed", "设备故障：{detail}", "a device failed: {detail}")


UNAPPROVED = frozenset({Reason.RULES_PROVISIONAL, Reason.APPROVAL_LAPSED, Reason.APPROVAL_REVOKED})
"""By which a rule set is provisional."""
EXPIRED = frozenset({Reason.CERTIFICATE_EXPIRED, Reason.EQUIPMENT_EXPIRED})
"""What is told even where nothing is official anyway, as on a simulated bench."""
REMARKS = frozenset({Reason.REPEATABILITY_UNKNOWN, Reason.RUNS_SCATTER, Reason.PPS_LOST})
"""What should be known of a result and decides nothing about it."""
