"""Profiles of reference standards: what a wrong one says, and that those we ship are complete."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from bench.errors import OperatorError
from bench.ports import BlockReply
from firmware_io import reference_profiles
from firmware_io.reference_choice import EnergyRegister, PowerRegister, ReferenceChoice
from firmware_io.reference_profiles import known_profiles, load_profile, parse_profile
from firmware_io.register_tables import UNITS
from firmware_io.registers import INVALID_INTEGERS, TYPES

GOOD = """
[profile]
maker = "M"
model = "X"
source = "a data sheet"
[registers.active_power]
address = 4
type = "f32"
unit = "W"
"""


def test_the_shipped_models_and_the_simulated_one_are_known() -> None:
    assert set(known_profiles()) == {
        "abb-ab-series",
        "demo-reference",
        "eastron-sdm120",
        "eastron-sdm630",
        "janitza-umg604",
        "schneider-iem3000",
        "siemens-pac2200",
        "wattnode-rwnc",
        "yokogawa-wt300e",
    }


@pytest.mark.parametrize("name", [name for name in known_profiles() if name != "demo-reference"])
def test_every_register_of_a_real_model_names_its_source(name: str) -> None:
    text = (resources.files("firmware_io") / "profiles" / f"{name}.toml").read_text("utf-8")
    document = tomllib.loads(text)
    assert document["profile"]["source"]
    for register, table in document["registers"].items():
        assert table.get("source"), register


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(OperatorError, match=r"unknown reference profile 'sdm'; known: .*eastron-sdm120"):
        load_profile("sdm")


def test_a_profile_of_the_laboratory_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(GOOD, "utf-8")
    profile = load_profile(path)
    assert profile.name == "ours"
    assert profile.registers.register("power_W") is not None
    with pytest.raises(OperatorError, match="give the path"):
        load_profile(tmp_path / "theirs.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("maker", "makre", r"unknown key 'makre'; did you mean 'maker'"),
        ("registers.active_power", "registers.activ_power", r"did you mean 'active_power"),
        ("address = 4", "adress = 4", r"active_power: unknown key 'adress'; did you mean 'address'"),
        ("address = 4", "address = 65535", r"address 65535 is outside 0 to 65535"),
        ("address = 4", 'address = "x"', r"address is 'x'; it must be a whole number"),
        ("address = 4", "address = true", r"address is True; it must be a whole number"),
        ("address = 4\n", "", r"address is missing"),
        ('"f32"', '"f31"', r"type is 'f31'; did you mean 'f32'"),
        ('"W"', '"Wh"', r"unit 'Wh' is no unit of power"),
        ('"W"', '"BTU"', "unit is 'BTU'; allowed are 'Wh'"),
        ('unit = "W"', 'unit = "W"\nscale = "a tenth"', "it must be a decimal in quotes"),
        ('unit = "W"', 'unit = "W"\nfunction_code = 6', r"function_code is 6; allowed are 3, 4"),
        ('unit = "W"', 'unit = "W"\nword_order = "middle"', "word_order is 'middle'; allowed are"),
        (
            'model = "X"',
            'model = "X"\ninvalid_integers = ["odd"]',
            r"invalid_integers no. 1 is 'odd'; allowed are 'all_ones'",
        ),
        ("[registers.active_power]", "[registers.voltage_l1]", r"unit 'W' is no unit of voltage"),
        ("[profile]", "[profile", r"is not valid TOML"),
    ],
)
def test_a_wrong_profile_is_one_line_that_names_the_place(old: str, new: str, message: str) -> None:
    with pytest.raises(OperatorError, match=message) as caught:
        parse_profile(GOOD.replace(old, new, 1), "ours")
    assert "\n" not in str(caught.value)


def test_a_model_without_power_is_refused() -> None:
    text = GOOD.replace("active_power", "frequency").replace('"W"', '"Hz"')
    with pytest.raises(OperatorError, match="no register active_power"):
        parse_profile(text, "ours")


def test_phase_1_power_and_exported_energy_can_be_chosen() -> None:
    usual = load_profile("eastron-sdm630")
    other = load_profile("eastron-sdm630", ReferenceChoice(EnergyRegister.EXPORT, PowerRegister.PHASE_1))
    for field, address, chosen in (("power_W", 0x34, 0x0C), ("energy_Wh", 0x48, 0x4A)):
        before, after = usual.registers.register(field), other.registers.register(field)
        assert before is not None
        assert after is not None
        assert (before.address, after.address) == (address, chosen)


def test_reactive_energy_is_compared_with_the_reactive_power_of_all_phases() -> None:
    registers = load_profile("demo-reference", ReferenceChoice(EnergyRegister.REACTIVE)).registers
    energy, power = registers.register("energy_Wh"), registers.register("power_W")
    assert energy is not None
    assert power is not None
    assert (energy.address, power.address) == (14, 18)
    assert len([r for block in registers.blocks for r in block.registers if r.field == "power_W"]) == 1


@pytest.mark.parametrize("name", [name for name in known_profiles() if name != "demo-reference"])
def test_a_model_whose_reactive_registers_are_not_known_is_refused(name: str) -> None:
    with pytest.raises(OperatorError, match="no register reactive_power"):
        load_profile(name, ReferenceChoice(EnergyRegister.REACTIVE))


def test_a_reactive_register_is_not_in_watts() -> None:
    text = GOOD.replace("active_power", "reactive_power")
    with pytest.raises(OperatorError, match="unit 'W' is no unit of reactive power"):
        parse_profile(text, "ours")


def test_behind_transformers_a_reference_reads_the_load_and_not_itself() -> None:
    usual = load_profile("demo-reference").registers
    behind = load_profile(
        "demo-reference", ReferenceChoice(ct_ratio=Decimal(40), vt_ratio=Decimal("2.5"))
    ).registers
    shown = {"energy_Wh": 12.34, "power_W": 550.0, "voltage_V": 220.0, "current_A": 2.5, "power_factor": 1.0}
    shown["frequency_Hz"] = 50.0
    replies = tuple(
        BlockReply(0, 1, block.function_code, block.address, block.encode(shown)) for block in usual.blocks
    )
    sample = behind.decode(replies)
    assert sample.energy_Wh is not None
    assert sample.power_W is not None
    assert sample.energy_Wh.value == pytest.approx(1234.0)
    assert sample.power_W.value == pytest.approx(55_000.0)
    assert (sample.voltage_V, sample.current_A) == (550.0, 100.0)
    assert (sample.power_factor, sample.frequency_Hz) == (1.0, 50.0)


def test_an_energy_that_the_user_assigns_is_polled_only_at_the_address_he_gives() -> None:
    assert load_profile("yokogawa-wt300e").registers.register("energy_Wh") is None
    register = load_profile("yokogawa-wt300e", ReferenceChoice(energy_address=0x07F0)).registers.register(
        "energy_Wh"
    )
    assert register is not None
    assert register.address == 0x07F0


def test_figures_that_no_source_confirms_stay_marked() -> None:
    assert "refresh_s" in load_profile("abb-ab-series").unsure
    assert load_profile("siemens-pac2200").registers.register("frequency_Hz") is None


def test_gaps_are_read_only_as_far_as_the_model_allows() -> None:
    assert len(load_profile("janitza-umg604").registers.blocks) == 1
    assert len(load_profile("schneider-iem3000").registers.measured) == 2


def test_a_longer_request_than_there_is_is_the_longest_that_there_is() -> None:
    # An earlier reader took any number; a record keeps its profile's text and has to replay.
    text = GOOD.replace('model = "X"', 'model = "X"\nmax_registers = {most}\nmax_gap_registers = 1000')
    text += '[registers.voltage_l1]\naddress = 150\ntype = "f32"\nunit = "V"\n'
    longest, longer = (
        parse_profile(text.replace("{most}", most), "ours").registers for most in ("125", "200")
    )
    assert [(b.address, b.count) for b in longer.blocks] == [(b.address, b.count) for b in longest.blocks]
    assert len(longer.blocks) == 2


def test_every_key_of_a_profile_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference-profiles.md").read_text("utf-8")
    tables = (reference_profiles._Head, reference_profiles._RegisterTable)
    keys = [field.name for table in tables for field in fields(table)]
    for word in (*keys, *reference_profiles._QUANTITIES):
        assert f"`{word}`" in page, word
    dimensions = {dimension for _, dimension in reference_profiles._QUANTITIES.values()}
    units = [unit for unit, (dimension, _) in UNITS.items() if dimension in dimensions]
    for word in (*units, *TYPES, *INVALID_INTEGERS):
        assert word in page, word


def test_every_profile_is_listed_for_those_who_look_for_their_instrument() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference-profiles.md").read_text("utf-8")
    for profile in resources.files("firmware_io").joinpath("profiles").iterdir():
        assert f"| `{profile.name.removesuffix('.toml')}` |" in page


def test_a_file_that_is_no_text_or_nested_too_deeply_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OperatorError, match=r"mine.toml: cannot be read .*; give the path of a profile"):
        load_profile(path)
    path.write_text("x = " + "[" * 20_000)
    with pytest.raises(OperatorError, match="profile mine: is not valid here: nested too deeply"):
        load_profile(path)
