// What the recomputation says beside figures, each text in Chinese and in English: what speaks against the records, and what was taken
// from them because nobody can recompute it. The values in braces come with each finding.

export const COURSE_WORDS = {
  // the run and its inputs
  no_start: ["缺少 {run} 的开始记录，或不止一条", "{run} has no start at its front, or more than one"],
  no_end: ["这一次检定没有结束记录", "this run has no end"],
  format_without_rules: ["{run} 的记录格式没有保存规程，只重算了误差，没有重算结论", "the records of {run} do not keep their rule set: its errors were recomputed, its verdicts were not"],
  format_unknown: ["{run} 的记录格式 {format} 比本页面新，没有重算", "the records of {run} have format {format}, which is newer than this page, and were not recomputed"],
  arithmetic_unknown: ["{run} 的数据用了本页面没有的算法版本（{versions}），没有重算", "{run} was computed with versions of the arithmetic that this page has not ({versions}), and was not recomputed"],
  plan_unreadable: ["检定方案读不懂：{where}", "the plan cannot be read: {where}"],
  rule_unreadable: ["规程文件读不懂：{where}", "the rule set cannot be read: {where}"],
  rule_missing: ["规程没有规定：{what}", "the rule set does not have: {what}"],
  toml_unreadable: ["第 {line} 行不是有效的 TOML：{what}", "line {line} is not valid TOML: {what}"],
  unreadable: ["记录或原始数据读不懂", "the records or the raw data cannot be read"],
  class_unknown: ["规程里没有准确度等级 {name}", "the rule set knows no accuracy class {name}"],
  load_point_unreadable: ["{name} 不是负载点", "{name} is no load point"],
  current_not_stated: ["铭牌上没有 {name} 所用的电流", "the nameplate does not state the current of {name}"],
  no_limit: ["规程 {rules} 在 {name} 没有规定限值", "{rules} states no limit at {name}"],
  // verdicts and what they rest on
  verdict_missing: ["方案要求了，但没有结论", "the plan asks for it, and there is no verdict"],
  no_evidence: ["这个结论没有任何测量记录", "no record of a measurement stands behind this verdict"],
  record_missing: ["结论所依据的记录缺失（{kind}）", "a record that the verdict rests on is missing ({kind})"],
  run_missing: ["表位 {positions} 的第 {number} 次测量缺失", "run {number} of position {positions} is missing"],
  nobody_asked: ["方案没有要求这一条", "the plan did not ask for this"],
  watch_too_short: ["应持续 {seconds} 秒", "it must last {seconds} s"],
  look_decided: ["{seconds} s 时的误差已经可以判定（{outcome}）", "the error was decided after {seconds} s already ({outcome})"],
  power_of_another_load: ["标准表读到 {read} W，此负载应为 {wanted} W", "the reference standard read {read} W, at this load it must be {wanted} W"],
  no_look_decides: ["这一时刻的误差还不能提前判定", "the error is not decided at this instant"],
  // verdicts taken over from an earlier run
  no_earlier_run: ["没有注明沿用哪一次检定的结论", "no earlier run is named"],
  earlier_run_missing: ["证据包里没有 {run}", "{run} is not in the bundle"],
  // what was taken from the records
  taken_answers: ["人的目视检查结果（记录 {records}）", "what a person saw and answered (records {records})"],
  taken_registers: ["电能表端口或人给出的示值（记录 {records}）", "registers as meters told or people typed them (records {records})"],
  taken_load: ["负载是否已到位（记录 {records}）", "whether a load was reached (records {records})"],
  taken_refusal: ["测量前预计时间不够而没有测的负载点（记录 {records}）", "load points that were refused beforehand for want of time (records {records})"],
  taken_line_faults: ["脉冲输入报告的故障（记录 {records}）", "faults that pulse inputs reported (records {records})"],
  taken_clock_slew: ["系统时钟被调整的速率（记录 {records}）", "how fast the bench clock was being slewed (records {records})"],
  taken_machine: ["计算机的温度和供电（记录 {records}）", "temperature and supply of the computer (records {records})"],
  taken_environment: ["温度和湿度读数（记录 {records}）", "readings of temperature and humidity (records {records})"],
  taken_skipped: ["检定员撤出的表位（记录 {records}）", "positions that the verifier took out (records {records})"],
  taken_stopped: ["检定提前结束的原因（记录 {records}）", "why the run was ended early (records {records})"],
};
