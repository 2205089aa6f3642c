"""The names and words of what `bench calc` prints on a terminal, in Chinese and English; JSON has the fields alone."""

from __future__ import annotations

from calibration.texts import Texts

_CHINESE = {
    "percentage_error_pct": "相对误差 %", "nominal_time_s": "理论时间 s", "error_s_per_day": "日计时误差 s/d",
    "rounded_s_per_day": "化整值 s/d", "active_power_W": "有功功率 W", "reactive_power_var": "无功功率 var",
    "pulse_rate_Hz": "脉冲频率 Hz", "pulses": "脉冲数", "time_s": "时间 s", "s0_highest_power_W": "S0 输出最高功率 W",
    "expected_pulses": "应有脉冲数", "sufficient": "走字足够", "minimum_energy_kWh": "最小走字电量 kWh",
    "mean": "平均值", "standard_deviation": "标准偏差", "n": "次数", "rounded_pct": "化整值 %",
    "step_pct": "化整间距 %",
    "mpe_pct": "误差限 ±%", "clause": "条款", "clause_provenance": "条款来源", "provenance": "来源",
    "only_on_request": "仅在要求时", "load_points": "负载点", "duration_min": "试验时间 min",
    "test_voltage_V": "试验电压 V", "max_pulses": "最多脉冲数", "starting_current_A": "起动电流 A",
    "pulse_period_s": "脉冲周期 s", "limit_min": "时限 min", "difference_pct": "误差之差 %", "limit_pct": "限值 %",
    "verdict": "结论", "mean_pct": "平均值 %", "remeasure": "需再测", "u": "合成标准不确定度 u", "dof": "有效自由度",
    "k": "包含因子 k", "U": "扩展不确定度 U", "decision": "判定", "probability_of_conformity": "合格概率",
    "acceptance_limit": "接受限", "remark": "备注", "consumer_risk": "用户风险", "producer_risk": "生产者风险",
}  # fmt: skip
field_label = Texts({field: (chinese, field) for field, chinese in _CHINESE.items()})
"""The name of a field: in English as in JSON."""
WORDED = frozenset({"sufficient", "only_on_request", "remeasure", "verdict", "decision"})
"""Fields whose value is a word of this page."""
word = Texts(
    {
        "pass": ("合格", "pass"),
        "fail": ("不合格", "fail"),
        "conditional pass": ("有条件合格", "conditional pass"),
        "conditional fail": ("有条件不合格", "conditional fail"),
        "True": ("是", "yes"),
        "False": ("否", "no"),
        "none": ("—", "—"),
        "nothing_asked": ("规程在此没有要求", "the rule set asks nothing here"),
        "two_more_runs": ("再测两次, 然后判定", "two more runs, then judge"),
        "other_current": (
            "直接接入的表用 Ib, 经互感器接入的表用 In; 这里按同一值处理",
            "a direct meter has Ib, a transformer operated one In; here the one is taken for the other",
        ),
        "ratio_not_given": (
            "没有给出 --imax-over-ib: 取决于 Imax/Ib 的负载点未列出",
            "--imax-over-ib was not given: load points that depend on Imax/Ib are left out",
        ),
    }
)
