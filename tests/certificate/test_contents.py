"""What a certificate must state, item by item as the clauses have them, found in the text of its PDF.

ISO/IEC 17025:2017, 7.8.2.1 a to p, 7.8.4.1 a to f, 7.8.4.3, 7.8.6.2 a to c; ILAC-P14; the Chinese form.
"""

from __future__ import annotations

import dataclasses

import pytest

from bench.certificate.model import Certificate, Mark
from bench.certificate.pdf import certificate_pdf
from bench.certificate.sheet import sheet
from bench.certificate.words import finding_said
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.uncertainty import rounding_row
from tests.certificate import samples
from tests.certificate.pictures import qr_text_of
from tests.certificate.reading_pdf import pages_of, says, squeezed, text_of

MADE: dict[str, bytes] = {}


def printed(name: str) -> bytes:
    """Each sample is printed once."""
    if name not in MADE:
        certificate = samples.ALL[name]()
        MADE[name] = certificate_pdf(certificate, samples.XML, "certificate.xml", qr_text_of(certificate))
    return MADE[name]


def text(name: str) -> str:
    return text_of(printed(name))


KINDS = ("passed", "rejected", "calibrated")
TITLES = {
    "passed": ("检定证书", "Verification Certificate"),
    "rejected": ("检定结果通知书", "Rejection Notice"),
    "calibrated": ("校准证书", "Calibration Certificate"),
}


@pytest.mark.parametrize("name", KINDS)
class TestEveryReport:
    """7.8.2.1."""

    def test_a_title(self, name: str) -> None:
        assert says(squeezed(pages_of(printed(name))[0]), *TITLES[name])

    def test_b_name_and_address_of_the_laboratory(self, name: str) -> None:
        laboratory = samples.LABORATORY
        both = (laboratory.name.zh, laboratory.name.en, laboratory.address.zh, laboratory.address.en)
        assert says(squeezed(pages_of(printed(name))[0]), *both)

    def test_c_where_it_was_performed(self, name: str) -> None:
        assert says(text(name), "试验地点", "本实验室电能检定室", "the laboratory's meter room")

    def test_d_its_number_on_every_page_and_a_clear_end(self, name: str) -> None:
        pages = pages_of(printed(name))
        number = samples.ALL[name]().number
        for page, said in enumerate(pages, 1):
            assert says(
                squeezed(said), number, f"第 {page} 页 共 {len(pages)} 页", f"Page {page} of {len(pages)}"
            )
        called = "notice" if name == "rejected" else "certificate"
        ends = [says(squeezed(page), "以下空白", f"End of {called}") for page in pages]
        assert ends == [False] * (len(pages) - 1) + [True]

    def test_e_the_customer(self, name: str) -> None:
        customer = samples.passed().customer
        assert says(text(name), customer.name, customer.address)

    def test_f_the_method(self, name: str) -> None:
        rules = samples.MEASURED.rules
        assert says(
            text(name), rules.standard, rules.title, rules.edition, rules.sha256, "compares the energies"
        )

    def test_g_the_item_and_its_condition(self, name: str) -> None:
        meter = samples.METER
        facts = (
            meter.description.zh, meter.description.en, meter.manufacturer, meter.model, meter.serial,
            meter.meter_constant, meter.voltage, meter.current, meter.connection.zh, meter.condition,
        )  # fmt: skip
        assert says(text(name), *facts)

    def test_h_the_day_of_receipt(self, name: str) -> None:
        assert says(text(name), "接收日期 Date of receipt 2026-11-23")

    def test_i_the_days_of_performance(self, name: str) -> None:
        assert says(text(name), "2026-11-24 至 2026-11-25", "2026-11-24 to 2026-11-25")

    def test_j_the_day_of_issue(self, name: str) -> None:
        assert says(text(name), "签发日期 Date of issue", "2026-11-26")

    def test_k_no_sampling(self, name: str) -> None:
        assert says(text(name), "实验室未进行抽样", "the laboratory did no sampling")

    def test_l_relates_only_to_the_item(self, name: str) -> None:
        assert says(text(name), "结果仅对所检", "器具有效", "relate only to the item")

    def test_m_results_with_their_units(self, name: str) -> None:
        for row in samples.ALL[name]().measured.errors:
            error = row.error_pct.replace("-", "−")
            assert says(text(name), row.load_point, error, row.expanded_uncertainty_pct, row.current_A)
        assert says(text(name), "平均误差/%", "电压/V", "电流/A", "扩展不确定度U/%")

    def test_n_deviations(self, name: str) -> None:
        assert says(text(name), "Deviations from, additions to or exclusions from the method: none")
        certificate = dataclasses.replace(samples.ALL[name](), deviations="只测一半负载点")
        assert says(text_of(certificate_pdf(certificate, samples.XML, "c.xml")), "删减：只测一半负载点")

    def test_o_who_authorises_it(self, name: str) -> None:
        for signatory in samples.SIGNATORIES:
            assert says(text(name), signatory.name.zh, signatory.name.en, signatory.day)
        assert says(text(name), "核验员", "批准人", "Checked by", "Approved by")

    def test_p_results_from_outside(self, name: str) -> None:
        assert says(text(name), "没有外部供方提供的结果", "none comes from an external provider")

    def test_not_to_be_reproduced_but_in_full(self, name: str) -> None:
        """7.8.2.1, note."""
        assert says(text(name), "不得部分复制", "shall not be reproduced except in full")


@pytest.mark.parametrize("name", KINDS)
class TestCalibration:
    """7.8.4.1."""

    def test_a_uncertainty_in_the_unit_of_the_error(self, name: str) -> None:
        said = (
            "包含概率约 95.45 %",
            "coverage probability of about 95.45 %",
            "per cent of the energy",
            "包含因子k",
        )
        assert says(text(name), *said)

    def test_b_conditions(self, name: str) -> None:
        assert says(text(name), "23.1 °C (22.8 … 23.4 °C)", "48 % (46 … 51 %)")

    def test_c_traceability(self, name: str) -> None:
        for standard in (samples.STANDARD, samples.THERMOMETER):
            facts = (standard.serial, standard.certificate, standard.body, standard.valid_until)
            assert says(text(name), standard.model, *facts)
        assert says(text(name), samples.STANDARD.accuracy, "溯源至国际单位制", "traceable to the SI")

    def test_d_before_and_after_adjustment(self, name: str) -> None:
        assert says(
            text(name), "未对器具进行调整", "was not adjusted; the results are those found as received"
        )


class TestConformity:
    """7.8.6.2; 7.8.4.1 e."""

    def test_a_to_which_results_it_applies(self) -> None:
        assert says(text("passed"), "The results of the items above conform to JJG 596-2012 (2012)")
        failed = "The results of these items do not conform to JJG 596-2012 (2012) for meters of class 1: "
        assert says(text("rejected"), failed + "no load (creep), basic error", "潜动试验、基本误差")

    def test_b_which_specification_is_met_or_not(self) -> None:
        for name in ("passed", "rejected"):
            assert says(text(name), "JJG 596-2012", "1 级电能表的要求", "最大允许误差/%", "±1.0", "±1.5")

    @pytest.mark.parametrize(
        ("rule", "zh", "en"),
        [
            ("simple", "简单接受", "Simple acceptance"),
            ("guarded", "保护带 w = U", "guard band w = U"),
            ("four-way", "四区判定", "passes conditionally"),
            ("regulation", "逢半取偶", "halves to even"),
        ],
    )
    def test_c_by_which_decision_rule(self, rule: str, zh: str, en: str) -> None:
        rules = dataclasses.replace(samples.MEASURED.rules, decision_rule=rule)
        made = samples.certificate(measured=dataclasses.replace(samples.MEASURED, rules=rules))
        assert says(text_of(certificate_pdf(made, samples.XML, "c.xml")), "判定规则", zh, "Decision rule", en)

    def test_a_row_that_was_decided_early_is_marked_and_its_rule_printed(self) -> None:
        rows = (samples.error_row("Ib", "10", "1.0", decision_rule="sequential"),)
        made = samples.certificate(measured=dataclasses.replace(samples.MEASURED, errors=rows))
        assert says(text_of(certificate_pdf(made, samples.XML, "c.xml")), "Ib 1.0*", "Sequential decision")

    def test_a_calibration_certificate_has_no_verdict_and_no_interval(self) -> None:
        """7.8.4.3."""
        assert says(text("calibrated"), "不给出校准间隔", "No recommendation on the calibration interval")
        for word in (
            "检定结论",
            "合格",
            "PASS",
            "Decision rule",
            "最大允许误差",
            "有效期至 Valid until 2034",
        ):
            assert not says(text("calibrated"), word), word


class TestChineseForm:
    def test_a_pass_says_so_and_until_when(self) -> None:
        first = squeezed(pages_of(printed("passed"))[0])
        assert says(
            first, "检定结论 Conclusion 合格（1 级）PASS (class 1)", "2034年11月25日", "计量授权证书号"
        )

    def test_a_rejection_names_what_failed_and_has_no_last_day(self) -> None:
        first = squeezed(pages_of(printed("rejected"))[0])
        assert says(
            first,
            "不合格 FAIL",
            "不合格项目：潜动试验、基本误差",
            "Failed items: no load (creep), basic error",
        )
        assert not says(first, "有效期至")
        assert says(text("rejected"), "不得用于贸易结算", "−0.104 s/d")

    def test_the_record_the_root_and_the_key_are_named(self) -> None:
        found, anchor = samples.MEASURED, samples.ANCHOR
        assert says(
            text("passed"), found.run_id, found.bench_id, anchor.root_sha256, anchor.key_fingerprint, "4217"
        )
        assert says(text("passed"), samples.LABORATORY.fingerprints_published_at)

    def test_beside_the_code_stands_the_key_that_has_signed_it(self) -> None:
        """Also where another one has signed the checkpoint before: then its beginning, as the code has it."""
        own = samples.ANCHOR.key_fingerprint
        assert text("passed").count(squeezed(own)) == 2
        anchor = dataclasses.replace(samples.ANCHOR, key_fingerprint="0000 " * 15 + "0000")
        made = samples.certificate(anchor=anchor)
        said = text_of(certificate_pdf(made, samples.XML, "c.xml", qr_text_of(samples.passed())))
        assert says(said, f"Key fingerprint {own[:19]} …", anchor.key_fingerprint)

    def test_mean_rounded_and_single_runs_are_printed(self) -> None:
        row = samples.MEASURED.errors[0]
        assert row.rounded_pct is not None
        assert says(text("passed"), *row.runs_pct, row.error_pct, row.rounded_pct)

    def test_a_correction_names_what_it_replaces(self) -> None:
        first = squeezed(pages_of(printed("many_points"))[0])
        assert says(first, "本证书代替 DN-2026-00009", "replaces DN-2026-00009, which is withdrawn")


class TestMarks:
    @pytest.mark.parametrize(
        "mark", ["DRAFT", "SIMULATED", "INFORMATIVE", "PROVISIONAL RULE SET", "UNOFFICIAL KEY"]
    )
    def test_every_mark_is_on_every_page_across_it_and_at_its_head(self, mark: str) -> None:
        for page in pages_of(printed("simulated_draft")):
            assert squeezed(page).count(squeezed(mark)) >= 2

    def test_every_reason_behind_it_is_told(self) -> None:
        said = text("simulated_draft")
        assert says(said, "没有写明检定员", "no verifier is named", "the rule set judges rounded results")

    def test_a_draft_has_no_number_and_no_day_of_issue(self) -> None:
        assert says(text("simulated_draft"), "草稿，未编号 draft, not numbered", "签发日期 Date of issue —")

    def test_simulated_standards_are_traceable_to_nothing(self) -> None:
        assert says(text("simulated_draft"), "no metrological traceability is claimed")
        assert not says(text("simulated_draft"), "traceable to the SI")

    def test_what_is_official_has_none(self) -> None:
        for mark in ("DRAFT", "SIMULATED", "INFORMATIVE", "PROVISIONAL", "UNOFFICIAL"):
            assert not says(text("passed"), mark)


class TestNotice:
    def test_a_rejection_is_a_notice_and_no_certificate(self) -> None:
        said = text("rejected")
        assert says(said, "通知书编号 Notice No.", "本通知书", "This notice shall not", "End of notice")
        for word in ("证书编号", "本证书", "Certificate No.", "This certificate", "End of certificate"):
            assert not says(said, word), word
        assert says(text("passed"), "证书编号 Certificate No.", "本证书", "End of certificate")

    @pytest.mark.parametrize("mark", [mark for mark in Mark if mark is not Mark.DRAFT])
    def test_billing_is_forbidden_by_what_is_official_alone(self, mark: Mark) -> None:
        marked = dataclasses.replace(samples.rejected(), marks=(mark,))
        said = text_of(certificate_pdf(marked, samples.XML, "c.xml"))
        assert not says(said, "不得用于贸易结算")
        assert not says(said, "shall not be used for billing")
        assert says(text("rejected"), "不得用于贸易结算", "shall not be used for billing")


class TestFigures:
    def test_a_calibration_certificate_has_no_limit_of_any_kind(self) -> None:
        verified, calibrated = text("passed"), text("calibrated")
        for word in (
            "允许脉冲数",
            "应有脉冲数",
            "规定时间",
            "每个脉冲时限",
            "限值",
            "化整后",
            "最大允许",
            "±1.0",
            "0.5 s/d",
        ):
            assert says(verified, word), word
            assert not says(calibrated, word), word
        assert says(calibrated, "−0.104 s/d", "pulses 0", "U = 0.011 s/d")

    @pytest.mark.parametrize(
        ("name", "said"), [("passed", "U is that of the rounded error"), ("calibrated", "U includes")]
    )
    def test_that_rounding_is_in_U_is_said_where_it_is(self, name: str, said: str) -> None:
        made = samples.ALL[name]()
        rows = [dataclasses.replace(r, budget=(*r.budget, rounding_row(0.1))) for r in made.measured.errors]
        found = dataclasses.replace(made.measured, errors=tuple(rows))
        with_it = certificate_pdf(dataclasses.replace(made, measured=found), samples.XML, "c.xml")
        assert says(text_of(with_it), said)
        assert not says(text(name), said)

    def test_no_probability_is_certainty(self) -> None:
        said = text("rejected")
        assert says(said, "> 0.9999", "< 0.0001", "截至四位小数", "cut off after four decimals")
        assert not says(said, "0.0000")
        assert not says(text("calibrated"), "四位小数")

    def test_heads_of_columns_break_between_words(self) -> None:
        lines = [line.strip() for page in pages_of(printed("passed")) for line in page.splitlines()]
        for word in ("平均", "误差", "功率", "最大", "允许", "符合", "概率", "包含", "/%", "/V", "/A"):
            assert word in lines, word


class TestLongWords:
    def test_a_short_address_and_a_number_can_be_copied(self) -> None:
        for page in pages_of(printed("passed")):
            assert "\u200b" not in page
        assert samples.LABORATORY.fingerprints_published_at in "".join(pages_of(printed("passed")))

    def test_a_long_address_may_break_after_its_punctuation_alone(self) -> None:
        address = "https://registry.example.org/laboratories/keys-of-2026?list=all_of_them"
        laboratory = dataclasses.replace(samples.LABORATORY, fingerprints_published_at=address)
        (line,) = [
            field["value"][0]
            for section in sheet(samples.certificate(laboratory=laboratory))["sections"]
            for part in section["parts"]
            if part["kind"] == "lines"
            for field in part["list"]
            if field["value"][0].startswith("https")
        ]
        assert line.replace("\u200b", "") == address
        assert all(piece[-1] in "/.-?_" for piece in line.split("\u200b")[:-1])
        assert "\u200b" in line


class TestTraceability:
    def said_of(self, **changed: object) -> str:
        made = samples.certificate(measured=dataclasses.replace(samples.MEASURED, **changed))  # type: ignore[arg-type]
        return text_of(certificate_pdf(made, samples.XML, "c.xml"))

    @pytest.mark.parametrize("lacking", ["certificate", "body"])
    def test_one_standard_without_a_certificate_breaks_the_chain(self, lacking: str) -> None:
        loose = dataclasses.replace(samples.THERMOMETER, **{lacking: ""})
        said = self.said_of(standards=(samples.STANDARD, loose))
        assert says(said, "并非每一件都有可引用的证书", "Not each of these standards")
        assert not says(said, "traceable to the SI")

    def test_a_simulated_run_says_so_whatever_its_cards_quote(self) -> None:
        said = self.said_of(is_simulated=True)
        assert says(said, "试验是模拟的", "The test was simulated: no real standard")
        assert not says(said, "traceable to the SI")
        assert not says(said, "Not each of these standards")


def test_a_finding_has_the_kind_of_a_meter_in_words() -> None:
    values = {
        "person": "li-ming",
        "items_zh": "起动试验",
        "items_en": "starting",
        "meter": "3p4w ct reactive 2",
    }
    found = dataclasses.replace(
        samples.MEASURED, not_official_because=(Finding(Reason.NOT_AUTHORISED, values),)
    )
    made = samples.certificate(measured=found, marks=(Mark.INFORMATIVE,))
    said = text_of(certificate_pdf(made, samples.XML, "c.xml"))
    assert says(said, "三相四线，经互感器接入式，无功，2 级")
    assert says(said, "three-phase, four-wire, transformer operated, reactive, class 2")
    assert not says(said, "3p4w")


def test_a_finding_has_what_was_inspected_in_words() -> None:
    failed = Finding(Reason.INSPECTION_FAILED, {"fields": "seals: torn, the display: dark, display: dark"})
    said = finding_said(failed)
    assert said.zh.endswith("封印: torn, the display: dark, 显示: dark")
    assert said.en.endswith("seals: torn, the display: dark, display: dark")
    missing = finding_said(Finding(Reason.NOT_ANSWERED, {"detail": "nameplate, terminals"}))
    assert missing.zh.endswith("铭牌, 接线端子")


def test_no_frequency_is_stated_that_nobody_has_measured() -> None:
    assert not says(text("passed"), "50 Hz")


def test_the_place_of_the_stamp_stands_beside_the_code() -> None:
    assert says(squeezed(pages_of(printed("passed"))[0]), "专用章", "扫码核验")


class TestWhateverStandsInIt:
    def test_markup_stays_text_and_no_control_turns_it(self) -> None:
        said = text("hostile")
        assert says(said, samples.HOSTILE)
        assert "\u202e" not in said
        assert "\x07" not in said

    def test_the_first_page_stays_one_page(self) -> None:
        for name in samples.ALL:
            pages = pages_of(printed(name))
            assert says(squeezed(pages[0]), "核验员"), name
            assert says(squeezed(pages[1]), "接收日期"), name

    @pytest.mark.parametrize("name", ["many_points", "many_items"])
    def test_long_tables_repeat_their_head_on_each_page_and_lose_no_row(self, name: str) -> None:
        found = samples.ALL[name]().measured
        for row in found.errors:
            assert says(text(name), row.load_point, row.error_pct)
        assert text(name).count("起动试验") >= sum(row.item == "starting" for row in found.items)

    def test_a_certificate_without_errors_or_without_items_is_one(self) -> None:
        for changed in ({"errors": ()}, {"items": ()}):
            found = dataclasses.replace(samples.MEASURED, **changed)  # type: ignore[arg-type]
            assert says(
                text_of(certificate_pdf(samples.certificate(measured=found), samples.XML, "c.xml")),
                "以下空白",
            )


def test_what_nobody_has_stated_is_a_dash_and_no_gap() -> None:
    certificate: Certificate = samples.simulated_draft()
    assert certificate.meter.manufacturer == ""
    assert says(text("simulated_draft"), "制造单位 Manufacturer —")
