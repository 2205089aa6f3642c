"""What commissioning says, in Chinese and English: what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from calibration.texts import Texts

_WORDS = {
    # names of parts
    "gpio": ("GPIO", "GPIO"),
    "serial": ("串口", "serial port"),
    "line": ("脉冲线 {name}", "line {name}"),
    "meter_port": ("电表通信口 {name}", "meter port {name}"),
    "reference": ("标准表", "reference"),
    "load_source": ("负载源", "load source"),
    "disk": ("磁盘", "disk"),
    "clock": ("时钟", "clock"),
    "edge_rate": ("最高脉冲频率", "edge rate"),
    "reference_pulses": ("标准表脉冲", "reference pulses"),
    "journal": ("记录", "journal"),
    # GPIO and serial ports
    "chip": ("{label} ({path}): {lines} 条线", "{label} ({path}): {lines} lines"),
    "chip_used": (
        "{label} ({path}): {lines} 条线; 已占用: {used}",
        "{label} ({path}): {lines} lines; in use: {used}",
    ),
    "chip_closed": (
        "{path} 打不开 ({detail}); 请把本用户加入它的组",
        "{path} cannot be opened ({detail}); add this user to its group",
    ),
    "no_chip": ("没有 GPIO 芯片", "there is no GPIO chip"),
    "port": ("{path}: {what}", "{path}: {what}"),
    "port_unstable": (
        "{path}: {what}; 没有固定名称, 插拔次序一变名称就变",
        "{path}: {what}; it has no stable name: this one changes with the order of plugging",
    ),
    "no_port": ("没有串口", "there is no serial port"),
    # any device
    "cannot_open": ("不能使用: {detail}", "cannot be used: {detail}"),
    # pulse lines
    "line_open": (
        "已打开; {seconds} 秒内 {edges} 个沿",
        "opens; {edges} edges in {seconds} s",
    ),
    "line_open_level": (
        "已打开; {seconds} 秒内 {edges} 个沿, 现为{level}电平",
        "opens; {edges} edges in {seconds} s, its level is {level} now",
    ),
    "high": ("高", "high"),
    "low": ("低", "low"),
    "line_lost": (
        "{seconds} 秒内丢了 {lost} 个沿; 线上可能有干扰, 请运行 bench look {name}",
        "{lost} edges were lost in {seconds} s; the line may be noisy, run bench look {name}",
    ),
    "line_failed": ("读取失败: {detail}", "reading it fails: {detail}"),
    # meter ports
    "meter_reads": (
        "有应答; 总电量 {total} kWh",
        "answers; its register is at {total} kWh",
    ),
    "meter_reads_constant": (
        "有应答; 总电量 {total} kWh, 常数 {constant} imp/kWh",
        "answers; its register is at {total} kWh, its constant {constant} imp/kWh",
    ),
    "meter_silent": (
        "无应答 (没有电压的表不会应答; 可加 --current 带负载检查): {detail}",
        "no answer (a meter without voltage gives none; --current puts a load on): {detail}",
    ),
    # the reference standard
    "reference_reads": (
        "有应答; U = {voltage} V, I = {current} A, P = {power} W, f = {frequency} Hz",
        "answers; U = {voltage} V, I = {current} A, P = {power} W, f = {frequency} Hz",
    ),
    "reference_dead": (
        "有应答, 但所有数值为零: 没有电压时看不出寄存器地址和字序是否正确; 请加电压后再查",
        "answers, but everything it says is zero: without voltage nobody can see whether addresses and word "
        "order are "
        "right; put voltage on it and check again",
    ),
    "reference_implausible": (
        "有应答, 但数值不可能 (U = {voltage} V, I = {current} A, P = {power} W, f = {frequency} Hz), 换字序也不对; "
        "请检查 reference.profile 和 energy_address",
        "answers, but its values cannot be (U = {voltage} V, I = {current} A, P = {power} W, f = {frequency} Hz), in "
        "neither word order; check reference.profile and energy_address",
    ),
    "reference_turned": (
        "有应答, 但字序反了: 按 {order} 字序读才合理 (U = {voltage} V, P = {power} W); 请在型号文件 [profile] 写 "
        "word_order = '{order}'",
        "answers, but its words come in the other order: read {order} end first its values make sense (U = "
        "{voltage} V, "
        "P = {power} W); write word_order = '{order}' into [profile] of its profile",
    ),
    "reference_faults": ("有应答, 但有故障: {detail}", "answers, but with faults: {detail}"),
    "reference_elsewhere": (
        "按配置无应答, 但在 {settings} 有应答; 请改 [reference] 的 {change}",
        "no answer as configured, but it answers at {settings}; change {change} in [reference]",
    ),
    "reference_nowhere": (
        "无应答: {detail}; 试过常用的波特率, 校验和地址, 都没有应答: 请检查接线 (A/B 是否接反), 电源",
        "no answer: {detail}; none at the usual rates, parities and addresses either: check wiring (A and B "
        "swapped?) and "
        "supply",
    ),
    "found_at": (
        "在 {settings} 有应答; {sense}",
        "answers at {settings}; {sense}",
    ),
    "found_at_turned": (
        "在 {settings} 有应答; 按 {order} 字序数值才合理: 请在型号文件 [profile] 写 word_order = '{order}'",
        "answers at {settings}; its values make sense {order} end first: write word_order = '{order}' into "
        "[profile] of its "
        "profile",
    ),
    "found_nothing": (
        "{path}: 按型号 {profile} 没有应答",
        "{path}: nothing answers as a {profile}",
    ),
    "sense_yes": ("数值合理", "its values make sense"),
    "sense_zero": ("数值全为零, 看不出字序", "everything is zero, so the word order cannot be seen"),
    "sense_no": ("数值不合理: 型号不对?", "its values make no sense: another model?"),
    # load source
    "source_manual": ("手动: 由人调负载", "manual: a person sets the load"),
    "source_opens": ("{driver}: 可以使用", "{driver}: can be used"),
    "source_untried": (
        "{driver}: 已打开, 未加负载; 用 --current 试",
        "{driver}: opens, no load was applied; --current tries it",
    ),
    # the panel
    "panel": ("操作面板", "panel"),
    "panel_reads": (
        "可以读取: 急停{stop}, 防护罩{cover}; 请按下急停, 打开防护罩, 各再查一次",
        "reads: emergency stop {stop}, cover {cover}; press the one and open the other and check again, to see both",
    ),
    "pressed": ("已按下", "pressed"),
    "released": ("未按下", "released"),
    "open": ("打开", "open"),
    "closed": ("关闭", "closed"),
    # disk and clock
    "disk_ok": (
        "{path}: 空闲 {free} MB, 同步一次 {median} ms (最慢 {worst} ms)",
        "{path}: {free} MB free, a sync takes {median} ms (at worst {worst} ms)",
    ),
    "disk_full": (
        "{path}: 只有 {free} MB 空闲, 至少要 {least} MB",
        "{path}: only {free} MB are free, {least} MB are needed",
    ),
    "disk_slow": (
        "{path}: 同步一次最慢 {worst} ms, 太慢: 断电时会丢失超过一秒的数据; 请换更快的存储卡或固态盘",
        "{path}: a sync takes {worst} ms at worst, too slow: a power cut would lose more than a second; use "
        "a faster card "
        "or a solid-state disk",
    ),
    "disk_bad": ("{path} 不能写: {detail}", "{path} cannot be written: {detail}"),
    "clock_disciplined": (
        "已同步 (来源 {source}), 频率修正 {frequency} ppm",
        "disciplined ({source}), its rate is corrected by {frequency} ppm",
    ),
    "clock_free": (
        "没有同步: 时钟试验做不了, 用标准表脉冲或功率积分的结果多一项约 {limit} ppm; 请装 chrony",
        "not disciplined: clocks cannot be tested, and what uses the reference's power or pulses carries up "
        "to {limit} "
        "ppm; set up chrony",
    ),
    "clock_untraceable": (
        "已同步 (来源 {source}), 频率修正 {frequency} ppm; 未写 clock.frequency_U_ppm, 所以不做日计时误差试验",
        "disciplined ({source}), its rate is corrected by {frequency} ppm; clock.frequency_U_ppm is not "
        "written, so the "
        "clocks of meters are not tested",
    ),
    # edge rate and reference pulses
    "rate_measured": (
        "自环实测: 到 {lossless} Hz 没有丢失; 在 {lost} Hz 丢失. 超过 {allowed} Hz 的检定将被拒绝",
        "loopback: nothing lost up to {lossless} Hz, lost at {lost} Hz; what needs more than {allowed} Hz "
        "will be refused",
    ),
    "rate_at_least": (
        "自环实测: 到 {lossless} Hz 没有丢失 (输出不能更快). 超过 {allowed} Hz 的检定将被拒绝",
        "loopback: nothing lost up to {lossless} Hz, and the output goes no faster; what needs more than "
        "{allowed} Hz will "
        "be refused",
    ),
    "rate_nothing": (
        "自环: 输入没有看到输出的脉冲; 请检查两条线之间的连线",
        "loopback: the input saw no pulse of the output; check the wire between the two lines",
    ),
    "rate_known": (
        "{when} 实测到 {lossless} Hz 没有丢失",
        "measured on {when}: nothing lost up to {lossless} Hz",
    ),
    "rate_unknown": (
        "没有测过: 用 bench check --loopback 输出线 输入线 测量",
        "not measured: bench check --loopback OUT_LINE IN_LINE measures it",
    ),
    "pulses_fit": (
        "负载 {power} W 时 {rate} Hz, 线可以承受 ({allowed} Hz)",
        "{rate} Hz at {power} W, which the line can carry ({allowed} Hz)",
    ),
    "pulses_too_fast": (
        "负载 {power} W 时 {rate} Hz, 超过 {allowed} Hz: 请在线前加 256 分频 (74HC4040) 或计数器, 并写 "
        "reference_pulse_divider = 256",
        "{rate} Hz at {power} W, beyond {allowed} Hz: use a divider by 256 (74HC4040) or a counter in front "
        "of the line and "
        "set reference_pulse_divider = 256",
    ),
    # the table
    "table_of": (
        "按 {rules}, {meter}; 每个负载点一次测量所需时间:",
        "by {rules}, {meter}; the time that one measurement takes at each load point:",
    ),
    "typical_meter": (
        "以常见电能表为例: {voltage:g} V, {basic:g}({maximum:g}) A, {constant:g} imp/kWh",
        "for a common meter: {voltage:g} V, {basic:g}({maximum:g}) A, {constant:g} imp/kWh",
    ),
    "class_yes": ("{accuracy_class} 级: 可以检定", "class {accuracy_class}: can be verified"),
    "class_part": (
        "{accuracy_class} 级: 部分负载点可以检定",
        "class {accuracy_class}: can be verified at some load points",
    ),
    "class_no": ("{accuracy_class} 级: 不能检定", "class {accuracy_class}: cannot be verified"),
    "why_weak": (
        "标准表为 {have} 级, 需要 {needed} 级或更好{ours}; 请换更好的标准表",
        "the reference is of class {have}, class {needed} or better is needed{ours}; use a better reference",
    ),
    "by_ours": (" (规程没有规定, 本程序自定)", " (our own rule, the rule set states none)"),
    "why_certificate": ("证书没有这个负载点: 结果仅供参考", "not on the certificate: informative only"),
    "why_limit": ("超过本装置的负载限值", "beyond the limits of this bench's load"),
    "why_rate": (
        "电能表脉冲 {rate} Hz, 超过本装置的 {allowed} Hz",
        "the meter gives {rate} Hz, beyond this bench's {allowed} Hz",
    ),
    "why_reference_rate": (
        "标准表脉冲 {rate} Hz, 超过本装置的 {allowed} Hz; 请加分频器",
        "the reference gives {rate} Hz, beyond this bench's {allowed} Hz; put a divider in front of the line",
    ),
    "why_high_current": (
        "需要 {needed} s, 本装置的大电流最长允许 {allowed} s",
        "takes {needed} s, and this bench allows a high current for {allowed} s",
    ),
    "saved": ("结果已写入本装置的档案", "the result is kept on the bench's card"),
    "write_this": ("写入 bench.toml 的 [reference.card]:", "write into [reference.card] of bench.toml:"),
    "jitter_seen": (
        "刷新抖动 {jitter} ms ± {u} ms",
        "the refreshes jitter by {jitter} ms ± {u} ms",
    ),
    "jitter_below": (
        "看不到刷新抖动 (小于 {most} ms)",
        "no jitter of the refreshes is seen (below {most} ms)",
    ),
    "averages": (
        "功率寄存器取 {length} s ± {u} s 的平均 ({refreshes} 个刷新周期)",
        "the power register averages over {length} s ± {u} s ({refreshes} refreshes)",
    ),
    "averages_at_most": (
        "功率寄存器的平均时间看不清, 不超过 {most} s ({refreshes} 个刷新周期)",
        "over how long the power register averages is not seen, at most {most} s ({refreshes} refreshes)",
    ),
    "averages_not_seen": (
        "功率寄存器的平均时间看不出: 负载没有阶跃",
        "over how long the power register averages is not seen: the load was not stepped",
    ),
    "all_well": ("一切正常", "all is well"),
    "was_not_well": ("有要处理之处", "there was something to see to"),
    "not_well": ("有 {count} 处要处理, 见上面标 ✗ 的行", "to see to: {count}, marked ✗ above"),
    "without_load": (
        "没有加负载: 刷新, 步长, 滞后没有测量; 请加 --current",
        "no load was applied: refresh, steps and lag were not measured; give --current",
    ),
    # what a line shows
    "look_nothing": ("没有脉冲", "nothing"),
    "look_nothing_level": ("没有脉冲, 一直为{level}电平", "nothing, its level stays {level}"),
    "look_stuck": (
        "一直为{level}电平: 输出短路, 或两根线接反",
        "stuck {level}: its output is shorted, or its two wires are swapped",
    ),
    "look_few": (
        "{seconds} 秒内 {pulses} 个脉冲, 太少, 看不出频率; 请看久些, 或加大负载",
        "{pulses} pulses in {seconds} s, too few for a rate; watch longer, or raise the load",
    ),
    "look_pulses": ("{width} 宽的脉冲, {rate} Hz", "{width} pulses at {rate} Hz"),
    "look_bouncing": (
        "抖动: 每个沿跳动达 {bounce} ms, 下面是 {rate} Hz 的脉冲; 请紧固接线, 触点输出请设 debounce_us = {debounce}",
        "bouncing: its edges bounce for up to {bounce} ms, with pulses at {rate} Hz beneath; fasten its "
        "wires, and for a "
        "contact set debounce_us = {debounce}",
    ),
    "look_noise": (
        "干扰: {edges} 个不规则的沿; 线没有上拉, 请设 bias = 'pull_up' 或接上拉电阻, 并检查接线",
        "noise: {edges} irregular edges; nothing holds the line, set bias = 'pull_up' or fit a pull-up, and "
        "check its wires",
    ),
    "look_mains": (
        "干扰: 随 {mains} Hz 电源变化 ({edges} 个沿); 线没有上拉, 请设 bias = 'pull_up' 或接上拉电阻, 并检查接线",
        "noise: it follows the mains at {mains} Hz ({edges} edges); nothing holds the line, set bias = "
        "'pull_up' or fit a "
        "pull-up, and check its wires",
    ),
    "look_power": (", 即 {power} ({constant} imp/kWh)", ", that is {power} at {constant} imp/kWh"),
    "look_agrees": ("; 标准表为 {reference}: 一致", "; the reference reads {reference}: they agree"),
    "look_reference": ("; 标准表为 {reference}", "; the reference reads {reference}"),
    "look_wrong_constant": (
        "; 标准表为 {reference}: 常数不对, 这个频率对应 {usual} imp/kWh",
        "; the reference reads {reference}: the constant is wrong, this is what {usual} imp/kWh would give",
    ),
    "look_disagrees": (
        "; 标准表为 {reference}: 不一致, 没有常用的常数对应这个频率 (算得 {found} imp/kWh)",
        "; the reference reads {reference}: they disagree, and no usual constant gives this rate (it would "
        "be {found})",
    ),
    "look_swapped": (
        "; 标准表为 {reference}: 这是表位 {other} 的电能表的频率: 表位 {name} 和 {other} 的线接反了",
        "; the reference reads {reference}: this is the rate of the meter at position {other}: the lines of "
        "{name} and "
        "{other} are swapped",
    ),
    "look_constant_by_reference": (
        "; 标准表为 {reference}, 所以常数应为 {usual} imp/kWh",
        "; the reference reads {reference}, so its constant would be {usual} imp/kWh",
    ),
    "look_lost": ("; 丢了 {lost} 个沿", "; {lost} edges were lost"),
    "look_no_reference": (
        "标准表没有读到功率, 不能比较: 请加负载 (--current 5, 或手动)",
        "the reference reads no power, so nothing can be compared: put a load on (--current 5, or by hand)",
    ),
    "looking": (
        "观察 {seconds} 秒 (Ctrl-C 结束)",
        "watching for {seconds} s (Ctrl-C ends it)",
    ),
    # the reference standard against its card
    "reached": ("已到 {power} W; 记录 {dwell} 秒", "{power} W are reached; {dwell} s are recorded"),
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
}

word = Texts(_WORDS)


def kept_word(key: str, language: str, values: Mapping[str, str]) -> str:
    """The text of what is kept in no language: of a value such as "@high" the words of that key."""
    worded = {
        name: word(value[1:], language) if value.startswith("@") and value[1:] in word else value
        for name, value in values.items()
    }
    return word(key, language, **worded)
