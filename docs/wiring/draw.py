"""Draws the diagrams of docs/wiring.md: `python docs/wiring/draw.py` (schemdraw is in the `test` extra).

One function a diagram, from the parts of `sheet.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import schemdraw.elements as elm
from schemdraw import Drawing

sys.path.insert(0, str(Path(__file__).parent))
from sheet import BLUE, GREEN, GREY, RED, Sheet
from values import value_of

HERE = Path(__file__).parent
FONT = "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, sans-serif"


def pulse_input(s: Sheet) -> None:
    s.box((0, -0.3), (3.0, 2.3), "", dashed=True, color=GREY)
    s.text((1.5, 2.75), "meter under test 被检电能表", align="center")
    s.text((0.95, 1.0), "S0\ntest output\n脉冲输出", size=10, align="center")
    s.wire((2.2, 0.55), (2.2, 1.45))
    s.wire((2.2, 1.15), (2.6, 1.45), (2.6, 1.75), (3.0, 1.75))
    s.add(elm.Arrow(headwidth=0.16, headlength=0.18).endpoints((2.2, 0.85), (2.6, 0.55)))
    s.wire((2.6, 0.55), (2.6, 0.25), (3.0, 0.25))
    s.end((3.0, 1.75), "")
    s.end((3.0, 0.25), "")
    s.text((3.15, 2.1), "S0+", color=BLUE)
    s.text((3.15, -0.1), "S0−", color=BLUE)
    pins = s.opto((9.0, 3.25))
    s.plus((4.6, 3.25), "24 V")
    s.wire((4.6, 3.25), (5.2, 3.25))
    s.resistor((5.2, 3.25), (8.2, 3.25), "R1", value=value_of("R1 at 24 V"))
    s.wire((8.2, 3.25), pins["anode"])
    s.wire(pins["cathode"], (3.0, 1.75))
    s.wire((3.0, 0.25), (5.2, 0.25))
    s.ground((5.2, 0.25), "0 V of the 24 V supply 电源负极")
    s.to_pi(pins["collector"], "GPIO17 (pin 11)")
    s.wire(pins["emitter"], (11.6, 0.6))
    s.ground((11.6, 0.6), "GND of the Pi 树莓派地")


def led_head(s: Sheet) -> None:
    s.box((-3.2, -0.2), (-1.2, 1.9), "meter's\nlamp\n脉冲灯", dashed=True, color=GREY)
    for above in (1.15, 0.75):
        s.add(elm.Arrow(headwidth=0.16, headlength=0.18).endpoints((-1.0, above), (-0.35, above)).color(RED))
    s.wire((0, 0.4), (0, 1.4))
    s.wire((0, 1.1), (0.45, 1.45), (0.45, 3.0))
    s.add(elm.Arrow(headwidth=0.16, headlength=0.18).endpoints((0, 0.7), (0.45, 0.35)))
    s.wire((0.45, 0.35), (0.45, -0.3))
    s.plus((0.45, 3.0), "3.3 V")
    s.text((0.75, 1.55), "phototransistor\n光电三极管", size=10)
    s.dot((0.45, -0.3))
    s.resistor((0.45, -0.3), (0.45, -2.5), "R6", "bottom", value="47 kΩ")
    s.ground((0.45, -2.5), "GND")
    s.wire((0.45, -0.3), (3.4, -0.3))
    s.wire((3.4, 0.5), (3.4, -1.1), (4.9, -0.3), (3.4, 0.5))
    s.put(elm.Dot(open=True), (5.02, -0.3))
    s.wire((3.6, -0.45), (3.85, -0.45), (3.85, -0.15), (4.25, -0.15))
    s.wire((3.7, -0.45), (4.1, -0.45), (4.1, -0.15))
    s.text((4.5, 1.0), "74LVC1G14 (3.3 V)", size=11, color="#1c1c1c", align="center")
    s.wire((5.15, -0.3), (6.2, -0.3))
    s.resistor((6.2, -0.3), (8.4, -0.3), "R3")
    s.end((8.4, -0.3), "GPIO17 (pin 11)")
    s.text((3.4, -1.9), "lamp lit: the line goes low, as with S0\n灯亮时输出为低, 与 S0 相同", size=10)


def rs485(s: Sheet) -> None:
    s.box((0, 0), (3.2, 3.2), "USB–RS-485\nadapter\n转换器", color="#1c1c1c")
    s.wire((3.2, 2.4), (17.2, 2.4), color=BLUE)
    s.wire((3.2, 0.8), (17.2, 0.8), color=RED)
    s.text((3.35, 2.72), "A (D+)", color=BLUE)
    s.text((3.35, 0.48), "B (D−)", color=RED)
    s.dot((5.2, 2.4), (5.2, 0.8))
    s.resistor((5.2, 4.6), (5.2, 2.4), "R11", "bottom", value=value_of("R11, R12"))
    s.plus((5.2, 4.6), "5 V")
    s.resistor((5.2, 0.8), (5.2, -1.4), "R12", "bottom", value=value_of("R11, R12"))
    s.ground((5.2, -1.4), "GND of the adapter\n转换器地")
    for x, name in ((7.4, "R13"), (17.2, "R14")):
        s.resistor((x, 2.4), (x, 0.8), name, "bottom", value=value_of("R13, R14"))
    s.dot((7.4, 2.4), (7.4, 0.8))
    for i, x in enumerate((10.0, 12.4, 14.8), 1):
        s.dot((x, 2.4), (x + 0.7, 0.8))
        s.wire((x, 2.4), (x, -0.6), color=BLUE)
        s.wire((x + 0.7, 0.8), (x + 0.7, -0.6), color=RED)
        s.box((x - 0.6, -2.4), (x + 1.3, -0.6), f"meter {i}\n表 {i}")
    s.text(
        (12.6, 3.35),
        "one line from meter to meter, no star; each meter has an address of its own\n"
        "手拉手连接, 不要星形; 每块表有自己的地址",
        size=10,
        align="center",
    )


def timer(s: Sheet) -> None:
    _feed(s)
    _one_shot(s)
    _reset(s)
    _relay(s)


def _feed(s: Sheet) -> None:
    """Of the timer: from the Pi's line to its input."""
    s.end((-5.0, 2.3), "GPIO12 (pin 32)", "left")
    s.text((-5.2, 1.75), "feed 喂狗脉冲", size=10, align="right")
    s.resistor((-5.0, 2.3), (-2.6, 2.3), "R3", value=value_of("R3"))
    s.wire((-2.6, 2.3), (0, 2.3))
    s.dot((-1.5, 2.3))
    s.resistor((-1.5, 2.3), (-1.5, 0.4), "R10", "bottom", value=value_of("R10"))
    s.ground((-1.5, 0.4))


def _one_shot(s: Sheet) -> None:
    """Of the timer: the circuit with what sets its time."""
    s.box((0, -1.2), (4.2, 3.0))
    s.text(
        (2.1, 0.75),
        "½ 74HCT4538\nretriggerable one-shot\n可重触发单稳",
        size=11,
        color="#1c1c1c",
        align="center",
    )
    for at, words, align in (
        ((0.2, 2.3), "A", "left"),
        ((0.2, -0.6), "CD", "left"),
        ((4.0, -0.6), "Q", "right"),
    ):
        s.text(at, words, color="#1c1c1c", align=align)
    s.text((2.1, -0.9), "B = 5 V", size=10, align="center")
    s.text((1.0, 2.72), "Cx", size=10, align="center", color="#1c1c1c")
    s.text((3.2, 2.72), "Rx/Cx", size=10, align="center", color="#1c1c1c")
    s.wire((1.0, 3.0), (1.0, 3.9))
    s.part(elm.Capacitor, (1.0, 3.9), (3.2, 3.9), "C2  1 µF")
    s.wire((3.2, 3.9), (3.2, 3.0))
    s.dot((3.2, 3.9))
    s.wire((3.2, 3.9), (4.4, 3.9))
    s.resistor((4.4, 3.9), (4.4, 6.0), "R7", "bottom", value="680 kΩ")
    s.plus((4.4, 6.0), "5 V")


def _reset(s: Sheet) -> None:
    """Of the timer: what holds it off after power-up."""
    s.wire((0, -0.6), (-4.0, -0.6), (-4.0, -1.2))
    s.dot((-4.0, -0.6))
    s.resistor((-4.0, 1.1), (-4.0, -0.6), "R9", "top", value="100 kΩ")
    s.plus((-4.0, 1.1), "5 V")
    s.part(elm.Capacitor, (-4.0, -1.2), (-4.0, -2.4), "C3\n1 µF", "top")
    s.ground((-4.0, -2.4))


def _relay(s: Sheet) -> None:
    """Of the timer: the relay whose contact is in the contactor's coil."""
    s.wire((4.2, -0.6), (4.6, -0.6))
    s.resistor((4.6, -0.6), (6.8, -0.6), "R8", value=value_of("R8"))
    s.wire((6.8, -0.6), (7.4, -0.6))
    s.wire((7.4, 0.0), (7.4, -1.2))
    s.wire((7.4, -0.3), (8.0, 0.1), (8.0, 0.8))
    s.add(elm.Arrow(headwidth=0.16, headlength=0.18).endpoints((7.4, -0.9), (8.0, -1.3)))
    s.wire((8.0, -1.3), (8.0, -2.2))
    s.ground((8.0, -2.2), "0 V")
    s.text((8.25, -0.75), "BC337", color="#1c1c1c")
    s.box((7.3, 0.8), (8.7, 2.4), "K2")
    s.wire((8.0, 2.4), (8.0, 3.6))
    s.dot((8.0, 0.5), (8.0, 2.9))
    s.wire((8.0, 0.5), (10.0, 0.5))
    s.part(elm.Diode, (10.0, 0.5), (10.0, 2.9), "1N4007", "bottom")
    s.wire((10.0, 2.9), (8.0, 2.9))
    s.plus((8.0, 3.6), "24 V")


def coil(s: Sheet) -> None:
    s.plus((0, 0), "24 V")
    s.wire((0, 0), (1.0, 0))
    s.part(elm.Fuse, (1.0, 0), (3.0, 0), "F1  1 A")
    x = 3.0
    for name in (
        "S1\nemergency stop\n急停",
        "S2\ncover\n防护罩",
        "K2\ntimer's relay\n定时继电器",
        "K3, relay bank only\nGPIO10\n仅继电器组",
    ):
        is_relay = name.startswith("K")
        s.wire((x, 0), (x + 0.6, 0))
        s.add(
            (elm.Switch() if is_relay else elm.Switch(action=None, nc=True)).endpoints(
                (x + 0.6, 0), (x + 2.6, 0)
            )
        )
        s.text((x + 1.6, 1.35), name, align="center", color="#1c1c1c")
        x += 2.6
    s.wire((x, 0), (x + 0.4, 0), (x + 0.4, -0.8))
    s.box((x - 0.5, -2.4), (x + 1.3, -0.8), "K1")
    s.text((x + 1.5, -1.35), "contactor's coil\n接触器线圈", color="#1c1c1c", size=10)
    s.wire((x + 0.4, -2.4), (x + 0.4, -3.2))
    s.ground((x + 0.4, -3.2), "0 V")
    s.dot((x + 0.4, -0.5), (x + 0.4, -2.8))
    s.wire((x + 0.4, -0.5), (x - 1.4, -0.5))
    s.part(elm.Diode, (x - 1.4, -2.8), (x - 1.4, -0.5), "1N4007", "top")
    s.wire((x - 1.4, -2.8), (x + 0.4, -2.8))
    s.box(
        (x + 4.6, -2.6),
        (x + 10.0, 0.4),
        "mains side:\na qualified electrician's work\n\n强电侧: 由持证电工施工",
        dashed=True,
        color=RED,
    )
    s.text((x + 4.1, -2.0), "K1", color=RED, align="center")
    s.wire((x + 3.7, -1.6), (x + 4.6, -1.6), color=RED)


def contacts(s: Sheet) -> None:
    for row, (name, pin, is_button) in enumerate(
        (
            ("S1  emergency stop\n急停 (second contact 第二触点)", "GPIO5 (pin 29)", False),
            ("S2  cover\n防护罩 (second contact 第二触点)", "GPIO6 (pin 31)", False),
            ("S3, S4  start, stop\n启动, 停止按钮", "GPIO7 (pin 26), GPIO8 (pin 24)", True),
        ),
    ):
        y = -5.9 * row
        s.plus((0, y), "24 V")
        s.wire((0, y), (0.6, y))
        s.add((elm.Button() if is_button else elm.Switch(nc=True)).endpoints((0.6, y), (2.6, y)))
        s.text((1.6, y - 1.0), name, align="center", color="#1c1c1c")
        s.resistor((3.2, y), (5.6, y), "R4")
        s.wire((2.6, y), (3.2, y))
        pins = s.opto((7.6, y))
        s.wire((5.6, y), pins["anode"])
        s.dot((6.4, y), (6.4, y - 1.5))
        s.part(elm.Diode, (6.4, y - 1.5), (6.4, y), "1N4148", "top")
        s.wire(pins["cathode"], (6.4, y - 1.5), (6.4, y - 2.1))
        s.ground((6.4, y - 2.1), "0 V")
        s.to_pi(pins["collector"], pin, "R5")
        s.dot((12.2, y))
        s.part(elm.Capacitor, (12.2, y), (12.2, y - 1.6), "C1  100 nF", "bottom")
        s.ground((12.2, y - 1.6))
        s.wire(pins["emitter"], (10.2, y - 2.1))
        s.ground((10.2, y - 2.1), "GND")


def divider(s: Sheet) -> None:
    s.box((-3.6, -1.9), (0, 0.5), "reference\nstandard\n标准表\n≤ 200 kHz", dashed=True, color=GREY)
    s.wire((0, 0), (0.6, 0))
    s.resistor((0.6, 0), (2.8, 0), "R15")
    s.wire((2.8, 0), (3.6, 0))
    s.wire((0, -1.5), (3.6, -1.5))
    pins = s.opto((3.6, 0), "6N137 (5 V)")
    s.wire(pins["collector"], (7.4, 0))
    s.dot((7.4, 0))
    s.resistor((7.4, 0), (7.4, 2.2), "R16", "bottom", value="1 kΩ")
    s.plus((7.4, 2.2), "3.3 V")
    s.wire(pins["emitter"], (6.2, -2.1))
    s.ground((6.2, -2.1), "GND")
    s.wire((7.4, 0), (9.6, 0))
    s.box((9.6, -2.0), (13.4, 1.0), "74HC4040\n(3.3 V)\n÷ 256", color="#1c1c1c")
    s.text((9.75, 0), "CP", size=10, color="#1c1c1c")
    s.text((13.25, 0), "pin 13", size=10, color="#1c1c1c", align="right")
    s.text((9.75, -1.5), "MR", size=10, color="#1c1c1c")
    s.wire((9.6, -1.5), (8.9, -1.5), (8.9, -2.1))
    s.ground((8.9, -2.1))
    s.wire((13.4, 0), (14.0, 0))
    s.resistor((14.0, 0), (16.2, 0), "R3")
    s.end((16.2, 0), "GPIO16 (pin 36)\n≤ 781 Hz")


def lamps(s: Sheet) -> None:
    rows = (
        ("GPIO13 (33)", "idle 空闲"), ("GPIO19 (35)", "live 带电"), ("GPIO26 (37)", "measuring 测量"),
        ("GPIO20 (38)", "pass 合格"), ("GPIO21 (40)", "fail 不合格"), ("GPIO11 (23)", "invalid 无效"),
        ("GPIO9 (21)", "buzzer 蜂鸣器"), ("GPIO10 (19)", "K3 继电器"),
    )  # fmt: skip
    s.box((0, -7.9), (3.2, 0.6), "ULN2803A\n\n8 Darlingtons\nwith diodes\n达林顿阵列")
    for i, (pin, lamp) in enumerate(rows):
        y = -i * 0.95
        s.end((-2.2, y), pin, "left")
        s.wire((-2.2, y), (0, y))
        s.wire((3.2, y), (5.0, y))
        s.add(
            elm.Lamp().endpoints((5.0, y), (6.6, y)).scale(0.55)
            if i < 6
            else elm.RBox().endpoints((5.0, y), (6.6, y)).scale(0.6)
        )
        s.wire((6.6, y), (7.6, y))
        s.text((7.9, y), lamp, color="#1c1c1c")
    s.wire((7.6, 0), (7.6, -7 * 0.95 - 0.75))
    s.dot(*((7.6, -i * 0.95) for i in range(8)))
    s.wire((7.6, 0), (7.6, 1.2))
    s.plus((7.6, 1.2), "24 V")
    s.wire((3.2, -7.4), (7.6, -7.4))
    s.text((3.4, -7.65), "COM", size=10)
    s.wire((1.6, -7.9), (1.6, -8.4))
    s.ground((1.6, -8.4), "0 V, joined with GND of the Pi\n与树莓派地相连")


USES = {
    1: ("3.3 V", "supply"), 2: ("5 V", "supply"), 4: ("5 V", "supply"), 17: ("3.3 V", "supply"),
    3: ("GPIO2", "I²C: sensor 温湿度"), 5: ("GPIO3", "I²C: sensor 温湿度"), 7: ("GPIO4", "free 备用"),
    8: ("GPIO14", "serial console 串口"), 10: ("GPIO15", "serial console 串口"), 11: ("GPIO17", "meter 1 表位 1"),
    12: ("GPIO18", "PPS 秒脉冲"), 13: ("GPIO27", "meter 2 表位 2"), 15: ("GPIO22", "meter 3 表位 3"),
    16: ("GPIO23", "meter 4 表位 4"), 18: ("GPIO24", "meter 5 表位 5"), 19: ("GPIO10", "relay 继电器"),
    21: ("GPIO9", "buzzer 蜂鸣器"), 22: ("GPIO25", "meter 6 表位 6"), 23: ("GPIO11", "lamp: invalid 无效"),
    24: ("GPIO8", "stop button 停止"), 26: ("GPIO7", "start button 启动"), 27: ("GPIO0", "leave free 勿用"),
    28: ("GPIO1", "leave free 勿用"), 29: ("GPIO5", "emergency stop 急停"), 31: ("GPIO6", "cover 防护罩"),
    32: ("GPIO12", "feed of the timer 喂狗"), 33: ("GPIO13", "lamp: idle 空闲"), 35: ("GPIO19", "lamp: live 带电"),
    36: ("GPIO16", "reference pulses 标准表"), 37: ("GPIO26", "lamp: measuring 测量"),
    38: ("GPIO20", "lamp: pass 合格"),
    40: ("GPIO21", "lamp: fail 不合格"),
}  # fmt: skip
"""Pin of the header -> its name and what it is used for; the others are ground."""
_AT_BOOT = {**dict.fromkeys(range(9), "↑"), **dict.fromkeys(range(9, 28), "↓")}


def header(s: Sheet) -> None:
    for pin in range(1, 41):
        name, use = USES.get(pin, ("GND", "ground"))
        row, is_right = (pin - 1) // 2, pin % 2 == 0
        x, y = (0.95 if is_right else 0.0), -0.62 * row
        color = {"supply": RED, "ground": "#1c1c1c"}.get(
            use, GREEN if "meter" in use or "PPS" in use else BLUE
        )
        if "勿用" in use or "备用" in use:
            color = "#b0b0b0"
        s.put(elm.Dot(radius=0.22).color(color).zorder(0), (x, y))
        s.text((x, y), str(pin), size=8, color="white", align="center")
        arrow = f" {_AT_BOOT[int(name[4:])]}" if name.startswith("GPIO") else ""
        words = "" if use in ("supply", "ground") else use
        if is_right:
            s.text((1.35, y), f"{name}{arrow}", color=color)
            s.text((3.1, y), words, color="#1c1c1c", size=10)
        else:
            s.text((-0.4, y), f"{arrow.strip()} {name}".strip(), color=color, align="right")
            s.text((-2.15, y), words, color="#1c1c1c", size=10, align="right")
    s.text((0.47, 0.75), "↑ ↓  pull while the Pi starts 上电时上拉/下拉", size=10, align="center")


def overview(s: Sheet) -> None:
    s.box((0, -0.6), (4.4, 5.2), "Raspberry Pi\n\ngpiod, gpiozero\nRS-485, Modbus\n\n树莓派", color=BLUE)
    for y, words in (
        (4.6, "test outputs S0 and lamps, through opto-couplers 脉冲输入"),
        (3.6, "reference standard: Modbus, pulses ÷ 256 标准表"),
        (2.6, "meters' RS-485, optical heads 表计通信"),
        (1.6, "second contacts of stop and cover; buttons 急停, 防护罩, 按钮"),
        (0.6, "tower lamp, buzzer, relays, through ULN2803A 灯塔, 蜂鸣器"),
        (-0.2, "feed → 74HCT4538 → K2 → coil of K1 喂狗 → 接触器"),
    ):
        s.wire((4.4, y), (5.4, y))
        s.text((5.6, y), words, color="#1c1c1c")
    s.add(elm.Arrow(headwidth=0.2, headlength=0.25).endpoints((13.4, -0.2), (15.1, -0.2)).color(RED))
    s.box(
        (15.2, -0.6),
        (19.6, 5.2),
        "K1, load source,\nmeters, mains\n\nqualified\nelectrician only\n\n强电: 仅限电工",
        dashed=True,
        color=RED,
    )
    s.text(
        (9.8, -1.2),
        "low voltage: at most 24 V DC, isolated from the mains 弱电侧: 不超过 24 V 直流, 与市电隔离",
        align="center",
        size=11,
    )


DRAWINGS: dict[str, Callable[[Sheet], None]] = {
    "overview": overview, "header": header, "pulse-input": pulse_input, "led-head": led_head, "rs485": rs485,
    "timer": timer, "coil": coil, "contacts": contacts, "divider": divider, "lamps": lamps,
}  # fmt: skip


def svg_of(name: str) -> str:
    """One diagram."""
    with Drawing(show=False) as drawing:
        drawing.config(font=FONT, fontsize=12, lw=1.5, margin=0.9, color="#1c1c1c")
        DRAWINGS[name](Sheet(drawing))
    svg: str = drawing.get_imagedata("svg").decode()
    head, _, rest = svg.partition(">")
    x, y, width, height = head.partition('viewBox="')[2].partition('"')[0].split()
    # White also where a page is dark.
    return f'{head}><rect x="{x}" y="{y}" width="{width}" height="{height}" fill="white" />{rest}'


if __name__ == "__main__":
    for name in DRAWINGS:
        (HERE / f"{name}.svg").write_text(svg_of(name) + "\n", encoding="utf-8")
