"""Lists as people and utilities write them, and what is no list."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.household.days import day_number, day_text
from web.consumption.csv_layouts import CsvError, List, decoded, read

DAILY = [("2025-01-30", "3.5"), ("2025-01-31", "1234.25"), ("2025-02-01", "4")]


def rows(given: List) -> list[tuple[str, int, Decimal]]:
    return [(row.date, row.days, row.energy_kWh) for row in given.series.rows]


def days_of(text: str) -> list[tuple[str, str]]:
    return [(date, str(energy)) for date, _, energy in rows(read(text))]


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-30,3.5\n2025-01-31,1234.25\n2025-02-01,4",
        "2025-02-01,4\n2025-01-31,1234.25\n2025-01-30,3.5",
        "date;kWh\r\n30.01.2025;3,5\r\n31.01.2025;1.234,25\r\n01.02.2025;4\r\n",
        '日期,用电量\n2025年1月30日,3.5\n2025年1月31日,"1,234.25"\n2025年2月1日,4\n',
        "2025/1/30\t3,5\n2025/1/31\t1 234,25\n2025/2/1\t4",
        "20250130 3.5度\n20250131 1234.25度\n20250201 4 度",
        "用电量(kWh),日期\n3.5,2025-01-30\n1234.25,2025-01-31\n4,2025-02-01",
        "户号,日期,总电量,峰电量,谷电量,电费\n1,2025-01-30,3.5,2,1.5,1\n1,2025-01-31,1234.25,2,1.5,1\n"
        "1,2025-02-01,4,2,2,1\n合计,,1241.75,,,",
        "1/30/2025,3.5\n1/31/2025,1234.25\n2/1/2025,4",
        "30/01/2025;3.5\n31/01/2025;1'234.25\n01/02/2025;4",
        '="2025-01-30",="3.5"\n="2025-01-31",="1234.25"\n="2025-02-01",="4"',
        "2025-01-30 00:00,3.5\n2025-01-31 00:00,1234.25\n2025-02-01 00:00,4",
        "My list\n\nhousehold,1\nday,Wh\n2025-01-30,3500\n2025-01-31,1234250\n2025-02-01,4000",
        "２０２５-01-30，3.5\n2025-01-31，1234.25\n2025-02-01，4",
    ],
)
def test_a_list_of_days_is_the_same_in_every_layout(text: str) -> None:
    assert [(day, Decimal(energy)) for day, energy in days_of(text)] == [(d, Decimal(e)) for d, e in DAILY]


@pytest.mark.parametrize(
    "text",
    ["202501 230\n202502 210", "2025-01,230\n2025-02,210", "2025年1月,230\n2025年2月,210", "1/2025;230\n2/2025;210",
     "2025-01-01,230\n2025-02-01,210", "2025-01-31;230\n2025-02-28;210", "2025.01,230\n2025.02,210"],
)  # fmt: skip
def test_a_list_of_months_is_the_same_in_every_layout(text: str) -> None:
    assert rows(read(text)) == [("2025-01-01", 31, 230), ("2025-02-01", 28, 210)]


def test_readings_of_a_register_become_differences() -> None:
    text = "date,reading\n2025-01-01,100.5\n2025-01-02,103\n2025-01-05,109"
    assert rows(read(text)) == [("2025-01-01", 1, Decimal("2.5")), ("2025-01-02", 3, 6)]
    months = "月份,止码\n202412,100\n202501,300\n202502,450"
    assert rows(read(months)) == [("2025-01-01", 31, 200), ("2025-02-01", 28, 150)]


def test_figures_that_only_rise_are_a_register_unless_somebody_says_otherwise() -> None:
    rising = "\n".join(f"2025-03-{day:02} {1000 + day}" for day in range(1, 12))
    assert read(rising).layout.kind == "register"
    assert read(rising, kind="use").series.energy_kWh == sum(range(1001, 1012))


def test_bills_have_the_days_since_the_one_before() -> None:
    found = read("2025-01-05,200\n2025-02-04,210\n2025-03-12,300")
    assert rows(found) == [("2025-01-06", 30, 210), ("2025-02-05", 36, 300)]
    assert [note.key for note in found.notes] == ["first_bill"]


def test_hours_of_a_day_are_added() -> None:
    assert days_of("2025-01-01 00:00,1\n2025-01-01 12:00,1.5\n2025-01-02 00:00,2") == [
        ("2025-01-01", "2.5"),
        ("2025-01-02", "2"),
    ]


@pytest.mark.parametrize("heading", ["time,reading\n", ""])
def test_of_a_register_that_is_read_by_the_hour_the_first_reading_of_a_day_counts(heading: str) -> None:
    hours = [f"2025-01-0{1 + n // 6} {n % 6 * 4:02}:00,{100 + n}" for n in range(18)]
    found = read(heading + "\n".join(hours))
    assert rows(found) == [("2025-01-01", 1, 6), ("2025-01-02", 1, 6)]
    assert read(heading + "\n".join(reversed(hours))).series == found.series


def test_an_hour_that_is_there_twice_counts_once() -> None:
    text = "2025-01-01 00:00,1\n2025-01-01 12:00,1.5\n2025-01-01 00:00,1\n2025-01-02 00:00,2"
    assert days_of(text) == [("2025-01-01", "2.5"), ("2025-01-02", "2")]


def test_a_line_that_is_there_twice_counts_once() -> None:
    found = read("2025-01-01,3\n2025-01-01,3\n2025-01-02,4")
    assert len(found.series.rows) == 2
    assert [(note.key, note.line) for note in found.notes] == [("duplicate", 2)]


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("", "empty", None),
        ("date,kWh", "no_dates", 1),
        ("2025-01-01", "no_energies", 1),
        ("2025-01-01,1\n2025-02-30,2", "no_date", 2),
        ("2025-01-01,1\n02.01.2025,2", "no_date", 2),
        ("2025-01-01,1\n\n2025-01-02,abc", "no_number", 3),
        ("2025-01-01,1kWh\n2025-01-02,1Wh", "no_number", 1),
        ("2025-01-01,1\n2025-01-02,=A1*2", "formula", 2),
        ("2025-01-01,=HYPERLINK(1)", "formula", 1),
        ("2025-01-01,1\n2025-01-02,@SUM(1)", "formula", 2),
        ("2025-01-01,1\n2025-01-01,2", "twice", 2),
        ("2025-01-01,-1", "negative", 1),
        ("31.01.2025, 3,5\n01.02.2025, 3,6", "which_column", 1),
        ("date,kWh\n2025-01-01,3,5\n2025-01-02,3", "line_too_wide", 2),
        ("2025-01-01,1\n2025-01-02,2,3", "line_too_wide", 2),
        ("date,reading\n2025-01-02,100\n2025-01-01,103", "register_back", 2),
        ("2025-01-01," + "1" * 300, "line_too_long", 1),
        ("2025-01-01,1\n1995-01-01,1\n2005-01-01,1", "span_too_long", None),
        ("2025-01-01,1,234", "which_column", 1),
        ("\n".join(f"{day_text(10000 + n)},1" for n in range(5000)), "too_many_rows", None),
    ],
)
def test_what_is_no_list_is_refused_with_its_line(text: str, key: str, line: int | None) -> None:
    with pytest.raises(CsvError) as refused:
        read(text)
    assert refused.value.key == key
    assert line is None or refused.value.values["line"] == line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_bytes_are_read_in_their_encoding(encoding: str) -> None:
    assert decoded("日期,电量（度）\n".encode(encoding)) == "日期,电量（度）\n"


@given(st.binary(max_size=400))
def test_no_bytes_do_anything_but_be_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(CsvError):
        assert read(decoded(data)).series.rows


@given(st.text(alphabet="0123456789-/.,;\t \n年月日kWh=\"'度+e", max_size=200))
@settings(max_examples=300)
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    with contextlib.suppress(CsvError):
        assert read(text).series.rows


@given(
    st.integers(day_number("2000-01-01"), day_number("2090-01-01")),
    st.lists(st.decimals(0, 9000, places=2), min_size=2, max_size=40),
    st.sampled_from([("{y:04}-{m:02}-{d:02}", ","), ("{d:02}.{m:02}.{y}", ";"), ("{y}年{m}月{d}日", "\t")]),
    st.booleans(),
)
def test_what_is_written_is_what_is_read(
    first: int, energies: list[Decimal], written: tuple[str, str], is_reversed: bool
) -> None:
    layout, delimiter = written
    lines = []
    for n, energy in enumerate(energies):
        year, month, day = map(int, day_text(first + n).split("-"))
        figure = f"{energy}".replace(".", ",") if delimiter == ";" else f"{energy}"
        lines.append(f"{layout.format(y=year, m=month, d=day)}{delimiter}{figure}")
    found = read("\n".join(lines[::-1] if is_reversed else lines), kind="use")
    assert [row.energy_kWh for row in found.series.rows] == energies
    assert found.series.first == first


def test_a_comma_before_three_digits_is_what_its_dates_are_used_to() -> None:
    assert read("31.01.2025;1,234\n01.02.2025;2,500").series.energy_kWh == Decimal("3.734")
    assert read("2025-01-31;1,234\n2025-02-01;2,500").series.energy_kWh == 3734


def _power(hour: int) -> str:
    return "0.1" if 2 <= hour < 5 else "0.4"


def _nights(text: str) -> set[float]:
    return {round(night.power_W) for night in read(text).nights}


HOURS = [
    "\n".join(f"2025-01-{day:02} {hour:02}:00,{_power(hour)}" for day in (1, 2) for hour in range(24)),
    "\n".join(f"2025-01-{day:02} {hour + 1:02}:00,{_power(hour)}" for day in (1, 2) for hour in range(24)),
    "date,time,kWh\n"
    + "\n".join(f"2025-01-{day:02},{hour:02}:00,{_power(hour)}" for day in (1, 2) for hour in range(24)),
    "日期," + ",".join(f"{hour}时" for hour in range(24)) + "\n"
    + "\n".join(f"2025-01-{day:02}," + ",".join(map(_power, range(24))) for day in (1, 2)),
    "户号;日期;总电量;" + ";".join(f"{hour:02}:00" for hour in range(24)) + "\n"
    + "\n".join(f"7;2025-01-{day:02};8.7;" + ";".join(map(_power, range(24))) for day in (1, 2)),
    "\n".join(f"2025-01-{day:02}," + ",".join(map(_power, range(24))) for day in (1, 2)),
    "\n".join(
        f"2025-01-{day:02}," + ",".join(str(Decimal(_power(n // 4)) / 4) for n in range(96)) for day in (1, 2)
    ),
]  # fmt: skip


@pytest.mark.parametrize("text", HOURS)
def test_hours_are_days_and_nights_in_every_layout(text: str) -> None:
    found = read(text)
    assert [(day, Decimal(energy)) for day, energy in days_of(text)] == [
        ("2025-01-01", Decimal("8.7")),
        ("2025-01-02", Decimal("8.7")),
    ]
    assert _nights(text) == {100}
    assert "hours_added" in [note.key for note in found.notes]


def test_a_night_with_an_hour_that_is_missing_is_none() -> None:
    lines = HOURS[0].split("\n")
    assert len(read("\n".join(line for line in lines if line != "2025-01-01 03:00,0.1")).nights) == 1


def test_a_register_by_the_hour_has_nights_too() -> None:
    lines = [f"2025-01-{1 + n // 24:02} {n % 24:02}:00,{100 + n * Decimal('0.2')}" for n in range(72)]
    assert _nights("time,reading\n" + "\n".join(lines)) == {200}


def test_days_have_no_nights() -> None:
    assert read("2025-01-01,3\n2025-01-02,4").nights == ()


def test_a_year_of_hours_is_no_too_long_list() -> None:
    text = "\n".join(f"{day_text(20000 + n // 24)} {n % 24:02}:00,0.35" for n in range(365 * 24))
    assert len(read(text).series.rows) == 365
