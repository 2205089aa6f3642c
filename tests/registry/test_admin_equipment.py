"""`bench admin equipment` on the command line, and the page that is printed."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.configuration.config import load_config
from bench.errors import OperatorError
from bench.registry.commissioning import save
from tests.registry.laboratory import PASSWORD
from tests.registry.test_admin_persons import NEW, as_admin, config, ran, staffed
from tests.registry.test_equipment import CARD_FILE, CERTIFICATE_FILE

__all__ = ["config", "staffed"]


@pytest.fixture
def carded(staffed: Path, tmp_path: Path) -> Path:
    (tmp_path / "card.toml").write_text(CARD_FILE.replace("李伟", "Li Wei").replace("P2", "P1"), "utf-8")
    (tmp_path / "certificate.toml").write_text(CERTIFICATE_FILE, "utf-8")
    as_admin(staffed, "equipment", "add", str(tmp_path / "card.toml"))
    as_admin(staffed, "equipment", "certificate", "RS-1", str(tmp_path / "certificate.toml"))
    return staffed


def test_cards_are_listed_shown_and_set_aside(carded: Path, tmp_path: Path) -> None:
    line = ran(carded, "equipment", "list", "--lang", "en").output
    assert line == "RS-1  reference standard  REF  4711  in use  2027-01-04\n"
    assert "即将到期" not in ran(carded, "equipment", "list", "--lang", "zh").output
    # Its maintainer, who is no administrator.
    words = ("equipment", "withdraw", "RS-1", "dropped", "it", "--for-repair", "--by", "Li Wei")
    assert ran(carded, *words, typed=f"{NEW}\n").exit_code == 0
    shown = ran(carded, "equipment", "show", "RS-1", "--lang", "zh").output
    assert "状态: 在修 (" in shown
    assert ": dropped it)" in shown
    as_admin(carded, "equipment", "maintain", "RS-1", "new", "fan", "--day", "2026-11-02")
    as_admin(carded, "equipment", "return", "RS-1")
    found = json.loads(ran(carded, "equipment", "show", "RS-1", "--json").output)
    assert (found["state"], found["version"]) == ("in_use", 4)
    assert found["maintenance"] == [{"day": "2026-11-02", "what": "new fan", "by": "P1"}]
    assert len(json.loads(ran(carded, "equipment", "show", "RS-1", "--versions").output)) == 4
    (tmp_path / "card.toml").write_text(CARD_FILE.replace("REF", "REF 2").replace("P2", "P1"), "utf-8")
    with pytest.raises(OperatorError, match="no one person '李伟'"):
        as_admin(carded, "equipment", "edit", str(tmp_path / "card.toml"))


class Text(HTMLParser):
    """The texts of a page, and its elements as they are opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_printed_page_has_all_of_it_in_both_languages(carded: Path) -> None:
    as_admin(carded, "equipment", "maintain", "RS-1", "<script>alert('&')</script>")
    page = ran(carded, "equipment", "show", "RS-1", "--print").output
    text = Text()
    text.feed(page)
    assert text.open == []
    whole = "\n".join(text.texts)
    for wanted in (
        "器具管理卡片 / Equipment card RS-1", "有效期至 / valid until", "2027-01-04", "赵敏 Zhao Min (P1)",
        "Li Wei (P2)", "0.5L", "-0.013", "扩展不确定度 % (k = 2) / expanded uncertainty % (k = 2)",
        "维护记录 / maintenance log", "<script>alert('&')</script>",
    ):  # fmt: skip
        assert wanted in whole
    assert "<script" not in page
    assert "http" not in page  # nothing from elsewhere


def test_a_password_is_asked_before_anything_is_changed(carded: Path) -> None:
    with pytest.raises(OperatorError, match="is wrong"):
        ran(carded, "equipment", "withdraw", "RS-1", "why", "--by", "P1", typed=f"{PASSWORD}x\n")
    assert "in use" in ran(carded, "equipment", "list", "--lang", "en").output


def test_the_card_of_the_bench_shows_what_its_last_check_came_to(carded: Path, tmp_path: Path) -> None:
    bench = CARD_FILE.replace("reference_standard", "bench").replace("RS-1", "BENCH-1")
    (tmp_path / "bench-card.toml").write_text(
        bench.replace("李伟", "Li Wei").replace("P2", "P1").replace("accuracy_class_pct = 0.05", ""), "utf-8"
    )
    as_admin(carded, "equipment", "add", str(tmp_path / "bench-card.toml"))
    assert "bench check" not in ran(carded, "equipment", "show", "BENCH-1", "--lang", "en").output
    classes = [{"accuracy_class": "1", "able": "yes"}, {"accuracy_class": "0.5S", "able": "no"}]
    record = {"all_well": False, "classes": classes}
    save(load_config(carded).state_dir, record, "2026-11-03T08:00:00+00:00")
    shown = ran(carded, "equipment", "show", "BENCH-1", "--lang", "en").output
    said = (
        "2026-11-03: there was something to see to; class 1: can be verified; class 0.5S: cannot be verified"
    )
    assert f"last bench check: {said}" in shown
    assert "1 级: 可以检定" in ran(carded, "equipment", "show", "BENCH-1", "--lang", "zh").output
    assert said in ran(carded, "equipment", "show", "BENCH-1", "--print").output
    found = json.loads(ran(carded, "equipment", "show", "BENCH-1", "--json").output)
    assert found["last_check"]["classes"] == classes
    assert "bench check" not in ran(carded, "equipment", "show", "RS-1", "--lang", "en").output
