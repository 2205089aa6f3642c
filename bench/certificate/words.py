"""Every text that is printed on a certificate, in Chinese and English; the terms are those of the field.

VIML (OIML V 1:2022) for verification and its papers, VIM (JCGM 200:2012) for figures, ISO/IEC 17025:2017 for what a
report states, the Chinese ones as verification regulations and JJF 1001 have them. Names of items are in
`bench/words.py`, sentences of findings in `calibration/reasons.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench import words as common
from bench.certificate.model import Bilingual, CertificateKind, Measured
from bench.words import field_name, with_fields_named
from calibration.quantities import Finding
from calibration.reasons import sentence
from calibration.texts import Texts

_PAPER = {
    "title_verification": ("检定证书", "Verification Certificate"),
    "title_rejection": ("检定结果通知书", "Rejection Notice"),
    "title_calibration": ("校准证书", "Calibration Certificate"),
    "number": ("证书编号", "Certificate No."),
    "number_rejection": ("通知书编号", "Notice No."),
    "number_of_draft": ("草稿，未编号", "draft, not numbered"),
    "replaces": ("本证书代替 {number}，原证书作废", "This certificate replaces {number}, which is withdrawn"),
    "replaces_rejection": (
        "本通知书代替 {number}，原件作废",
        "This notice replaces {number}, which is withdrawn",
    ),
    "page_of": ("第 {page} 页 共 {pages} 页", "Page {page} of {pages}"),
    "end": ("以下空白", "End of certificate"),
    "end_rejection": ("以下空白", "End of notice"),
    "not_stated": ("—", "—"),
    "unnamed_laboratory": ("（实验室名称未配置）", "(no laboratory is configured)"),
}

_MARKS = {
    "mark_draft": ("草稿", "DRAFT"),
    "mark_simulated": ("模拟", "SIMULATED"),
    "mark_informative": ("参考", "INFORMATIVE"),
    "mark_provisional_rules": ("暂行规程数据", "PROVISIONAL RULE SET"),
    "mark_unofficial_key": ("非正式密钥", "UNOFFICIAL KEY"),
    "why_draft": (
        "草稿：未签发，无编号，不具有任何效力。",
        "Draft: not issued, without a number, of no effect.",
    ),
    "why_simulated": (
        "模拟：至少有一个装置部件是模拟的，结果与任何真实电能表无关。",
        "Simulated: a part of the bench at least was simulated; the results say nothing of any real meter.",
    ),
    "why_informative": (
        "参考：结果不是正式结果，原因如下。",
        "Informative: the results are not official, for the reasons below.",
    ),
    "why_provisional_rules": (
        "暂行规程数据：规程数据文件尚未由本实验室指定人员与原文核对并批准。",
        "Provisional rule set: no named person of the laboratory has approved the rule set against its primary text.",
    ),
    "why_unofficial_key": (
        "非正式密钥：签名密钥由装置自动生成，实验室尚未提供或采用。",
        "Unofficial key: the bench made the signing key itself; the laboratory has neither supplied nor adopted it.",
    ),
}

_FRONT = {
    "customer": ("委托方", "Customer"),
    "customer_address": ("委托方地址", "Customer's address"),
    "instrument": ("计量器具名称", "Instrument"),
    "model": ("型号规格", "Model"),
    "serial": ("出厂编号", "Serial No."),
    "manufacturer": ("制造单位", "Manufacturer"),
    "accuracy_class": ("准确度等级", "Accuracy class"),
    "regulation": ("检定依据", "Regulation"),
    "calibrated_by": ("校准依据", "Procedure"),
    "conclusion": ("检定结论", "Conclusion"),
    "passed": ("合格（{accuracy_class} 级）", "PASS (class {accuracy_class})"),
    "failed": ("不合格", "FAIL"),
    "failed_items": ("不合格项目", "Failed items"),
    "verified_on": ("检定日期", "Date of verification"),
    "calibrated_on": ("校准日期", "Date of calibration"),
    "issued_on": ("签发日期", "Date of issue"),
    "valid_until": ("有效期至", "Valid until"),
    "authorisation": ("计量授权证书号", "Authorisation No."),
    "accreditation": ("认可证书号", "Accreditation No."),
    "address": ("地址", "Address"),
    "contact": ("联系方式", "Contact"),
    "stamp": ("（专用章）", "(stamp)"),
    "verifier": ("检定员", "Verified by"),
    "calibrator": ("校准员", "Calibrated by"),
    "checker": ("核验员", "Checked by"),
    "approver": ("批准人", "Approved by"),
}

_INNER = {
    "section_item": ("被检器具", "Item"),
    "section_calibrated_item": ("被校器具", "Item"),
    "meter_constant": ("电能表常数", "Meter constant"),
    "voltage": ("标称电压", "Nominal voltage"),
    "current": ("电流", "Current"),
    "connection": ("接线方式", "Connection"),
    "condition": ("接收时状态", "Condition as received"),
    "condition_unremarked": ("未见异常", "nothing remarked"),
    "received_on": ("接收日期", "Date of receipt"),
    "performed_on": ("试验日期", "Performed on"),
    "performed_span": ("{first} 至 {last}", "{first} to {last}"),
    "place": ("试验地点", "Place"),
    "active_meter": ("交流有功电能表", "Electricity meter for active energy"),
    "reactive_meter": ("交流无功电能表", "Electricity meter for reactive energy"),
    "wiring_1p2w": ("单相", "single-phase, two-wire"),
    "wiring_3p3w": ("三相三线", "three-phase, three-wire"),
    "wiring_3p4w": ("三相四线", "three-phase, four-wire"),
    "connection_direct": ("直接接入式", "direct connected"),
    "connection_ct": ("经互感器接入式", "transformer operated"),
    "quantity_active": ("有功", "active"),
    "quantity_reactive": ("无功", "reactive"),
    "of_class": ("{accuracy_class} 级", "class {accuracy_class}"),
    "between_words": ("，", ", "),
    "section_method": ("依据与方法", "Method"),
    "edition": ("版本", "Edition"),
    "rule_set": ("规程数据文件", "Rule set file"),
    "method": (
        "由测试台对被检表的测试输出脉冲计数，同时读取标准电能表的电能与功率，比较同一时间窗内的电能；误差 =（被"
        "检表 − 标准表）/ 标准表。",
        "The bench counts the pulses of the meter's test output while it reads energy and power of the "
        "reference standard, "
        "and compares the energies over the same window; error = (meter − reference) / reference.",
    ),
    "section_standards": ("测量标准与溯源性", "Measuring standards and traceability"),
    "standard_name": ("名称", "Standard"),
    "standard_type": ("型号 / 编号", "Model / serial"),
    "range": ("测量范围", "Range"),
    "accuracy": ("准确度 / 不确定度", "Class or uncertainty"),
    "standard_certificate": ("证书号 / 发证机构", "Certificate / body"),
    "standard_valid_until": ("有效期至", "Valid until"),
    "traceability": (
        "结果通过上述测量标准的证书溯源至国际单位制（SI）。",
        "The results are metrologically traceable to the SI through the certificates of these standards.",
    ),
    "no_traceability": (
        "上述标准并非每一件都有可引用的证书和发证机构，结果不作溯源声明。",
        "Not each of these standards has a certificate and a body that could be quoted; no metrological traceability "
        "is claimed.",
    ),
    "simulated_traceability": (
        "试验是模拟的：没有使用真实的测量标准，结果不作溯源声明。",
        "The test was simulated: no real standard has measured anything; no metrological traceability is claimed.",
    ),
    "reference_standard": ("标准电能表", "reference standard meter"),
    "source": ("功率源", "load source"),
    "thermometer": ("温湿度计", "thermometer and hygrometer"),
    "clock": ("时钟标准", "clock"),
    "bench": ("电能表检定装置", "meter test bench"),
    "section_conditions": ("环境条件", "Measurement conditions"),
    "temperature": ("温度", "Temperature"),
    "humidity": ("相对湿度", "Relative humidity"),
    "voltages_and_currents": (
        "电压、电流与功率因数见各负载点。",
        "Voltage, current and power factor stand at each load point.",
    ),
}

_RESULTS = {
    "section_items": ("各项检定结果", "Results by item"),
    "section_measured_items": ("其他测量结果", "Other results"),
    "item": ("项目", "Item"),
    "found": ("结果", "Result"),
    "verdict": ("结论", "Verdict"),
    "section_errors": ("误差", "Errors"),
    "load_point": ("负载点", "Load point"),
    "voltage_short": ("电压", "Voltage"),
    "current_short": ("电流", "Current"),
    "power_factor": ("功率因数 PF", "Power factor"),
    "runs": ("各次误差", "Runs"),
    "mean_error": ("平均误差", "Mean error"),
    "rounded_error": ("化整后", "Rounded"),
    "expanded_uncertainty": ("扩展不确定度 U", "Expanded uncertainty U"),
    "coverage_factor": ("包含因子 k", "Coverage factor k"),
    "mpe": ("最大允许误差", "MPE"),
    "probability": ("符合概率", "Prob. of conformity"),
    "conditional": ("有条件{verdict}", "{verdict}, conditional"),
    "uncertainty_statement": (
        "U 为扩展不确定度，由合成标准不确定度乘以表中的包含因子 k 得到，包含概率约 {probability} %；按 JCGM "
        "100:2008（GUM）评定，"
        "与误差单位相同，为电能的百分数。",
        "U is the expanded uncertainty: the combined standard uncertainty times the coverage factor k of the "
        "table, for a "
        "coverage probability of about {probability} %, evaluated by JCGM 100:2008 (GUM), in the unit of the "
        "error: per "
        "cent of the energy.",
    ),
    "rounding_in_U": (
        "U 为化整后误差的扩展不确定度，包括化整的贡献。",
        "U is that of the rounded error: it includes the rounding.",
    ),
    "rounding_in_U_calibration": (
        "U 包括按化整间距化整的贡献。",
        "U includes the contribution of rounding to the rounding interval.",
    ),
    "probability_ends": (
        "符合概率截至四位小数；“> 0.9999”表示高于 0.9999 但仍小于 1，“< 0.0001”表示低于 0.0001 但仍大于 0。",
        "Probabilities of conformity are cut off after four decimals: > 0.9999 is above that and below 1, "
        "< 0.0001 is below that and above 0.",
    ),
    "adjustment": (
        "试验中未对器具进行调整，结果即接收时状态下的结果。",
        "The item was not adjusted; the results are those found as received.",
    ),
    "section_plot": ("误差与负载的关系", "Error against load"),
    "plot_error": ("误差 / %", "error / %"),
    "legend": (
        "圆点：平均误差；竖线：± U；红色横线：最大允许误差",
        "dot: mean error; bar: ± U; red lines: maximum permissible error",
    ),
    "legend_without_limit": ("圆点：平均误差；竖线：± U", "dot: mean error; bar: ± U"),
    "section_budget": ("不确定度分量（标准不确定度，%）", "Uncertainty budget (standard uncertainty, %)"),
    "source_of_uncertainty": ("来源", "Source"),
    "combined": ("合成标准不确定度 u", "combined standard uncertainty u"),
    "budget_span": ("各负载点中最小 … 最大", "least … largest of all load points"),
    "section_conformity": ("符合性声明", "Statement of conformity"),
    "conforms": (
        "上列各项结果符合 {standard} 对 {accuracy_class} 级电能表的要求。",
        "The results of the items above conform to {standard} for meters of class {accuracy_class}.",
    ),
    "does_not_conform": (
        "下列项目的结果不符合 {standard} 对 {accuracy_class} 级电能表的要求：{items}。",
        "The results of these items do not conform to {standard} for meters of class {accuracy_class}: {items}.",
    ),
    "decision_rule": ("判定规则", "Decision rule"),
    "rule_simple": (
        "简单接受：误差的绝对值不超过最大允许误差即为合格，测量不确定度不计入判定（JCGM 106:2012, 8.2）；真误差恰"
        "在限值处时，误判风险最大为 50 %。",
        "Simple acceptance: an error passes whose absolute value does not exceed the maximum permissible error; the "
        "uncertainty is not taken into account (JCGM 106:2012, 8.2). With the true error at the limit the risk "
        "of a wrong "
        "verdict is up to 50 %.",
    ),
    "rule_guarded": (
        "带保护带的接受：误差的绝对值不超过最大允许误差减去 U 才为合格（JCGM 106:2012, 8.3.2；保护带 w = U）；每"
        "一侧误判为合格的风险小于 2.5 %。",
        "Guarded acceptance: an error passes whose absolute value does not exceed the maximum permissible error "
        "less U "
        "(JCGM 106:2012, 8.3.2; guard band w = U). The risk of a wrong pass is below 2.5 % on a side.",
    ),
    "rule_four-way": (
        "四区判定：以 L 为最大允许误差，|误差| ≤ L − U 合格；≤ L 有条件合格；≤ L + U 有条件不合格；大于 L + U 不"
        "合格（ILAC-G8:09/2019）。",
        "Four zones: with L the maximum permissible error, |error| ≤ L − U passes; ≤ L passes conditionally; ≤ L + U "
        "fails conditionally; beyond L + U fails (ILAC-G8:09/2019).",
    ),
    "rule_regulation": (
        "按检定规程：各次误差的平均值按化整间距化整（逢半取偶），化整后误差不超过最大允许误差即为合格；测量不确定"
        "度不计入判定，但测量前已要求其不超过限值的规定份额。",
        "As the regulation has it: the mean of the runs is rounded to whole rounding intervals (halves to "
        "even), and passes "
        "where the rounded error does not exceed the maximum permissible error. The uncertainty is not taken into "
        "account; it was required beforehand not to exceed a part of the limit.",
    ),
    "rule_sequential": (
        "序贯判定（标有 * 的负载点）：在测量前声明的时刻查看，误差连同其不确定度已落在限值之内（或之外）即停止并"
        "判定；每一侧误判风险合计不超过 2.275 %。",
        "Sequential decision (load points marked *): at looks declared before the measurement, it ends as soon "
        "as the error "
        "with its uncertainty lies within (or beyond) the limit; the risk of a wrong decision is 2.275 % at "
        "most on a side.",
    ),
    "items_without_rule": (
        "计数、示值与外观项目按规程条文直接判定，不涉及测量不确定度。",
        "Counts, readings and inspections are decided by the text of the regulation, without a measurement "
        "uncertainty.",
    ),
}

_STATEMENTS = {
    "section_remarks": ("说明", "Remarks"),
    "deviations": ("对方法的偏离、增加或删减", "Deviations from, additions to or exclusions from the method"),
    "none": ("无", "none"),
    "sampling": (
        "器具由委托方送检，实验室未进行抽样。",
        "The item was submitted by the customer; the laboratory did no sampling.",
    ),
    "external": (
        "全部结果由本实验室得出，没有外部供方提供的结果。",
        "All results are this laboratory's own; none comes from an external provider.",
    ),
    "only_item": (
        "本证书的结果仅对所检（校）器具有效。",
        "The results relate only to the item that was verified or calibrated.",
    ),
    "in_full": (
        "未经本实验室书面批准，不得部分复制本证书。",
        "This certificate shall not be reproduced except in full without the written approval of the laboratory.",
    ),
    "only_item_rejection": (
        "本通知书的结果仅对所检器具有效。",
        "The results relate only to the item that was verified.",
    ),
    "in_full_rejection": (
        "未经本实验室书面批准，不得部分复制本通知书。",
        "This notice shall not be reproduced except in full without the written approval of the laboratory.",
    ),
    "no_interval": (
        "本证书不给出校准间隔的建议。",
        "No recommendation on the calibration interval is given.",
    ),
    "rejected": (
        "器具不合格，不得用于贸易结算。",
        "The meter has been rejected and shall not be used for billing.",
    ),
    "section_evidence": ("证据与核验", "Evidence, and how to check it"),
    "record_number": ("原始记录号", "Record No."),
    "record_at": ("{run}，表位 {position}，装置 {bench}", "{run}, position {position}, bench {bench}"),
    "software": ("软件版本", "Software"),
    "journal_root": ("日志根哈希", "Journal root"),
    "tree_size": ("日志记录数", "Records in the journal"),
    "key_fingerprint": ("日志密钥指纹", "Fingerprint of the log key"),
    "key_beside_code": ("密钥指纹", "Key fingerprint"),
    "fingerprints_published_at": ("指纹公布处", "Published at"),
    "how_to_check": (
        "原始脉冲与标准表应答、其哈希与签名在证据包中；用其中的 verify.html 或 bench verify 可由原始数据重新计算"
        "每个误差、不确定度和结论。"
        "请把上面的指纹与公布的指纹核对。数字校准证书（DCC, XML）附于本 PDF 内。",
        "The raw pulses and replies of the reference, their hashes and signatures are in the evidence bundle; its "
        "verify.html, or bench verify, recomputes every error, uncertainty and verdict from them. Compare the "
        "fingerprint "
        "above with the published one. The digital certificate (DCC, XML) is attached to this PDF.",
    ),
    "scan": ("扫码核验", "scan to check"),
    "label_title": ("检定合格", "VERIFIED"),
    "label_serial": ("编号", "S/N"),
    "label_number": ("证书", "Cert."),
    "label_day": ("检定", "On"),
    "label_until": ("有效期至", "Until"),
    "xml_description": ("数字校准证书（DCC 3.3.0）", "digital calibration certificate (DCC 3.3.0)"),
}

_SOURCES = {
    "source_reference_calibration": ("标准表校准", "calibration of the reference"),
    "source_reference_class": ("标准表等级", "class of the reference"),
    "source_reference_drift": ("标准表漂移", "drift of the reference"),
    "source_reference_stability": ("标准表稳定性", "stability of the reference"),
    "source_reference_interpolation": ("标准表校准点间内插", "interpolation between its points"),
    "source_reference_temperature": ("标准表温度影响", "temperature of the reference"),
    "source_reference_voltage": ("标准表电压影响", "voltage of the reference"),
    "source_reference_pulse_timing": ("标准表脉冲定时", "timing of the reference's pulses"),
    "source_register_resolution": ("电能寄存器分辨力", "resolution of the energy register"),
    "source_alignment": ("对齐", "alignment"),
    "source_alignment_count_interpolation": ("对齐：计数内插", "alignment: counts between pulses"),
    "source_alignment_ends": ("对齐：窗口端点", "alignment: ends of the window"),
    "source_alignment_lag": ("对齐：寄存器滞后", "alignment: lag of registers"),
    "source_alignment_power_rounding": ("对齐：功率分辨力", "alignment: resolution of power"),
    "source_alignment_refresh_clock": ("对齐：刷新时刻", "alignment: instants of refresh"),
    "source_alignment_scale": ("对齐：功率标度", "alignment: scale of power"),
    "source_alignment_ticks": ("对齐：寄存器跳变", "alignment: ticks of the register"),
    "source_alignment_unsteady_load": ("对齐：负载波动", "alignment: unsteady load"),
    "source_power_gain": ("功率与电能之比", "gain of power against energy"),
    "source_power_register_rounding": ("功率寄存器分辨力", "resolution of the power register"),
    "source_bench_clock_rate": ("装置时钟", "rate of the bench clock"),
    "source_pulse_timing": ("被检表脉冲定时", "timing of the meter's pulses"),
    "source_repeatability": ("重复性", "repeatability"),
    "source_rounding": ("化整", "rounding"),
}
"""Sources of an uncertainty budget, by their names in `calibration/`."""

_FIGURES = {
    "figure_held_s": ("保持 {value} s", "held for {value} s"),
    "figure_pulses": ("脉冲数 {value}", "pulses {value}"),
    "figure_allowed_pulses": ("允许脉冲数 {value}", "allowed {value}"),
    "figure_watched_s": ("观察时间 {value} s", "watched for {value} s"),
    "figure_duration_s": ("规定时间 {value} s", "prescribed {value} s"),
    "figure_test_voltage_V": ("试验电压 {value} V", "test voltage {value} V"),
    "figure_starting_current_A": ("起动电流 {value} A", "starting current {value} A"),
    "figure_needed_pulses": ("应有脉冲数 {value}", "needed {value}"),
    "figure_limit_s": ("每个脉冲时限 {value} s", "limit for a pulse {value} s"),
    "figure_waits_s": ("各脉冲等待 {value} s", "waits {value} s"),
    "figure_longest_wait_s": ("最长等待 {value} s", "longest wait {value} s"),
    "figure_unended_wait_s": ("未等到脉冲 {value} s", "no pulse for {value} s"),
    "figure_error_s_per_day": ("日计时误差 {value} s/d", "clock error {value} s/d"),
    "figure_rounded_s_per_day": ("化整后 {value} s/d", "rounded {value} s/d"),
    "figure_limit_s_per_day": ("限值 ±{value} s/d", "limit ±{value} s/d"),
    "figure_expanded_uncertainty_s_per_day": ("U = {value} s/d (k = 2)", "U = {value} s/d (k = 2)"),
    "figure_windows": ("测量次数 {value}", "windows {value}"),
    "figure_bench_clock_rate_ppm": ("装置时钟偏差 {value} ppm", "bench clock {value} ppm"),
    "figure_bench_clock_U_ppm": ("其 U = {value} ppm", "its U = {value} ppm"),
    "figure_register_kWh": ("计度器 {value} kWh", "register {value} kWh"),
    "figure_pulses_kWh": ("脉冲折合 {value} kWh", "pulses make {value} kWh"),
    "figure_reference_kWh": ("标准表 {value} kWh", "reference {value} kWh"),
    "figure_measured_constant_imp_per_kWh": ("实测常数 {value} imp/kWh", "constant measured {value} imp/kWh"),
    "figure_configured_constant_imp_per_kWh": (
        "铭牌常数 {value} imp/kWh",
        "of the nameplate {value} imp/kWh",
    ),
    "figure_read_constant_imp_per_kWh": ("表内常数 {value} imp/kWh", "told by the meter {value} imp/kWh"),
    "figure_register_error_pct": ("计度器误差 {value} %", "register error {value} %"),
    "figure_pulses_error_pct": ("脉冲误差 {value} %", "pulse error {value} %"),
    "figure_expanded_uncertainty_pct": ("U = {value} % (k = 2)", "U = {value} % (k = 2)"),
    "figure_total_kWh": ("总电量 {value} kWh", "total {value} kWh"),
    "figure_tariffs_kWh": ("各费率电量 {value} kWh", "tariffs {value} kWh"),
    "figure_difference_kWh": ("差 {value} kWh", "difference {value} kWh"),
    "figure_allowed_kWh": ("允许 {value} kWh", "allowed {value} kWh"),
    "figure_runs": ("测量次数 {value}", "runs {value}"),
    "figure_standard_deviation_pct": ("标准偏差 {value} %", "standard deviation {value} %"),
    "figure_rounded_pct": ("化整后 {value} %", "rounded {value} %"),
    "figure_power_W": ("功率 {value} W", "power {value} W"),
    "figure_time_s": ("时间 {value} s", "time {value} s"),
    "figure_power_time_error_pct": ("瓦秒法误差 {value} %", "error by power and time {value} %"),
    "figure_percentage_error_pct": ("比较法误差 {value} %", "error by comparison {value} %"),
    "figure_unbalance_phase": ("单相负载：{value} 相", "single-phase load: phase {value}"),
    "figure_unbalance_pct": ("与平衡负载误差之差 {value} %", "differs from balanced load by {value} %"),
    "figure_unbalance_limit_pct": ("限值 ±{value} %", "limit ±{value} %"),
}
"""Figures of items, by their names in `bench/methods/`, in the order in which they are printed."""

_REQUIREMENTS = frozenset(
    {
        "allowed_pulses", "needed_pulses", "duration_s", "limit_s", "rounded_s_per_day", "limit_s_per_day",
        "allowed_kWh", "rounded_pct", "unbalance_limit_pct",
    }
)  # fmt: skip
"""Figures of items that a calibration certificate does not have."""

word = Texts(
    {**_PAPER, **_MARKS, **_FRONT, **_INNER, **_RESULTS, **_STATEMENTS, **_SOURCES, **_FIGURES},
    below=common.word,
)


def both(key: str, /, **values: object) -> Bilingual:
    """The text in both languages."""
    return Bilingual(word(key, "zh", **values), word(key, "en", **values))


def of_kind(key: str, kind: CertificateKind) -> str:
    """The key of what a certificate of this kind says: a rejection is a notice and no certificate."""
    match kind:
        case CertificateKind.REJECTION:
            own = f"{key}_rejection"
        case CertificateKind.CALIBRATION:
            own = f"{key}_calibration"
        case CertificateKind.VERIFICATION:
            return key
    return own if own in word else key


def traceability(found: Measured) -> Bilingual:
    """Whether the results are traceable: where each standard has a certificate, and each is real."""
    if found.is_simulated:
        return both("simulated_traceability")
    quoted = [bool(standard.certificate and standard.body) for standard in found.standards]
    return both("traceability" if quoted and all(quoted) else "no_traceability")


def finding_said(finding: Finding) -> Bilingual:
    """The sentence of a finding, with the kind of a meter and what was inspected in words."""
    return Bilingual(
        *(sentence(finding.reason, _in_words(finding, language), language) for language in ("zh", "en"))
    )


def _in_words(finding: Finding, language: str) -> Mapping[str, str]:
    values = with_fields_named(finding.reason, finding.values, language)
    if "meter" not in values:
        return values
    known = (_in_word(token, language) for token in values["meter"].split())
    return {**values, "meter": word("between_words", language).join(known)}


def _in_word(token: str, language: str) -> str:
    keys = (f"wiring_{token}", f"connection_{token}", f"quantity_{token}")
    key = next((each for each in keys if each in word), "")
    return word(key, language) if key else word("of_class", language, accuracy_class=token)


def figure(name: str, value: str) -> Bilingual:
    """A figure of an item, with its name and unit; one that only a newer program knows is said by its name."""
    if f"figure_{name}" in word:
        return both(f"figure_{name}", value=value)
    named = (
        Bilingual(field_name(name, "zh"), field_name(name, "en"))
        if name in field_name
        else Bilingual(name, name)
    )
    said = Bilingual("正常", "ok") if value == "ok" else Bilingual(value, value)
    return Bilingual(f"{named.zh}: {said.zh}", f"{named.en}: {said.en}")


def is_requirement(name: str) -> bool:
    """Whether a figure of an item is what was asked of it, or is made for the verdict, and not what was measured."""
    return name in _REQUIREMENTS


def in_order(figures: Mapping[str, str]) -> dict[str, str]:
    """The figures of an item in the order in which they are read; records have them by the alphabet."""
    order = {name: at for at, name in enumerate([*field_name.table, *_FIGURES])}
    last = len(order)
    return dict(sorted(figures.items(), key=lambda each: (_place(each[0], order, last), each[0])))


def _place(name: str, order: Mapping[str, int], last: int) -> int:
    return order.get(f"figure_{name}", order.get(name, last))


def source(name: str) -> Bilingual:
    """Where a row of a budget comes from; one that only another program knows is said by its name."""
    return both(f"source_{name}") if f"source_{name}" in word else Bilingual(name, name)
