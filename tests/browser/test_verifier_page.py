"""The verifier page in a real browser, opened from a file with the network off."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, expect

from bench.certificate.qr import signed_payload
from bench.evidence.page_builder import verifier_page
from tests.browser.hand_made import KEY, OTHER_KEY, HandMade, canonical, fingerprint_of, public_of, sha256
from tests.browser.looking import violations

pytestmark = pytest.mark.browser

SIZES = (360, 820, 1280)
GOLDEN = Path(__file__).parents[1] / "golden" / "run-2"

Open = Callable[..., Page]
Give = Callable[[Page, bytes], None]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "verify.html"
    path.write_bytes(verifier_page())
    return path.as_uri()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the page as a customer does, without network; what it asks for, and what fails in it, fails the test."""
    contexts = []
    problems: list[str] = []

    def opened(language: str = "en", width: int = 820, **settings: Any) -> Page:
        locale = {"zh": "zh-CN", "en": "en-GB"}[language]
        size = {"width": width, "height": 1000}
        context = browser.new_context(viewport=size, locale=locale, offline=True, **settings)
        contexts.append(context)
        context.route(
            "**/*", lambda route: route.continue_() if route.request.url == address else route.abort()
        )
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url) if request.url != address else None)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def give(page: Page, data: bytes, name: str = "bundle.zip") -> None:
    """Choose a file, and wait until the page has done with it."""
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": data})
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#outcome")).to_be_visible()


def outcome(page: Page) -> str | None:
    return page.locator("#outcome").get_attribute("data-outcome")


def problems_of(page: Page) -> list[str]:
    return page.locator(".problems > li").all_inner_texts()


def record(number: int, kind: str, **fields: Any) -> bytes:
    return canonical({"number": number, "run": "run-000001", "kind": kind, **fields})


def tiny(key: Ed25519PrivateKey = KEY, figure: str = "0.25", upto: int = 3) -> HandMade:
    """A run of three records and a raw file of forty bytes; what is in them is no measurement."""
    raw = {"edges-1.bin": bytes(range(40))}
    claims = {"edges-1.bin": {"bytes": 40, "sha256": sha256(raw["edges-1.bin"]).hex()}}
    before = [sha256(b"\x00", b"an earlier record")]
    leaves = [*before]
    records = [record(1, "run_started"), record(2, "window", figure=figure, raw_files=claims)]
    leaves += [sha256(b"\x00", each) for each in records]
    root = sha256(b"\x01", sha256(b"\x01", leaves[0], leaves[1]), leaves[2]).hex()
    records.append(record(3, "run_ended", raw_files=claims, checkpoint={"size": 3, "root_sha256": root}))
    return HandMade(records[:upto], raw, key=key, before=before)


def golden(key: Ed25519PrivateKey = KEY) -> HandMade:
    raw = {path.name: path.read_bytes() for path in GOLDEN.iterdir() if path.name != "records.jsonl"}
    return HandMade((GOLDEN / "records.jsonl").read_bytes().splitlines(), raw, key=key)


CHECKED = """async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const bundle = await archive_integrity.checkBundle(bytes, async () => {});
    return bundle.steps.flatMap(({ name, problems }) => problems.map(({ key, values }) => [name, key, values]));
}"""


def found(page: Page, archive: bytes) -> list[tuple[str, str, dict[str, Any]]]:
    """What the page's integrity check says of a bundle: step, finding, its values."""
    return [tuple(each) for each in page.evaluate(CHECKED, base64.b64encode(archive).decode())]


def test_what_was_inspected_is_named_in_the_language_of_the_page(opened: Open) -> None:
    said = opened().evaluate("""() => {
        const seen = { reason: "inspection_failed", values: { fields: "seals: broken, bent, display: dark" } };
        const missing = { reason: "not_answered", values: { detail: "nameplate, housing" } };
        if (ui_language.htmlLanguage() !== "zh-Hans") ui_language.switchLanguage();
        return [seen, missing].map(ui_language.sayFinding);
    }""")
    assert said == ["外观检查不合格：封印: broken, bent, 显示: dark", "没有人回答：铭牌, 外壳"]


def test_hashes_are_those_of_the_standard(opened: Open) -> None:
    page = opened()
    sizes = [0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 127, 128, 129, 1000, 70_000]
    messages = [hashlib.shake_128(bytes([size % 251])).digest(size) for size in sizes]
    made = page.evaluate(
        """(encoded) => encoded.map((each) => {
            const bytes = archive_bytes.bytesOfBase64(each);
            const inParts = new archive_sha256.Sha256();
            for (let at = 0; at < bytes.length; at += 37) {
                inParts.digest();
                inParts.update(bytes.subarray(at, at + 37));
            }
            const { hexOf } = archive_bytes;
            return [archive_sha256.sha256(bytes), inParts.digest(), archive_sha512.sha512(bytes)].map(hexOf);
        })""",
        [base64.b64encode(message).decode() for message in messages],
    )
    for message, hashes in zip(messages, made, strict=True):
        short, long = hashlib.sha256(message).hexdigest(), hashlib.sha512(message).hexdigest()
        assert hashes == [short, short, long]


# RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc). Public key, message, signature.
RFC_VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
VERIFY = """async (cases) => Promise.all(cases.map(async ([key, message, signature]) => {
    const [k, m, s] = [key, message, signature].map(archive_bytes.bytesOfHex);
    return [archive_ed25519.isSignedByOwnArithmetic(m, s, k), await archive_ed25519.isSignedByBrowser(m, s, k)];
}))"""


def test_own_signature_check_agrees_with_the_standard_and_with_the_browser(opened: Open) -> None:
    good = [tuple(vector) for vector in RFC_VECTORS]
    for number in range(12):
        key = Ed25519PrivateKey.from_private_bytes(sha256(bytes([number])))
        message = sha256(b"message", bytes([number])) * number
        good.append((public_of(key).hex(), message.hex(), key.sign(message).hex()))
    bad = [(key, message + "00", signature) for key, message, signature in good]
    key, message, signature = good[-1]
    for at in range(0, 128, 9):
        digit = "1" if signature[at] == "0" else "0"
        bad.append((key, message, signature[:at] + digit + signature[at + 1 :]))
    # S + L is the same scalar, and another signature (section 5.1.7).
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(bytes.fromhex(signature[64:]), "little") + order
    bad.append((key, message, signature[:64] + scalar.to_bytes(32, "little").hex()))
    page = opened()
    # The neutral point signs everything: S = 0 and R = the key fit any message.
    neutral = (b"\x01" + bytes(31)).hex()
    assert [own for own, _ in page.evaluate(VERIFY, [(neutral, "72", neutral + bytes(32).hex())])] == [False]
    assert page.evaluate(VERIFY, good) == [[True, True]] * len(good)
    assert page.evaluate(VERIFY, bad) == [[False, False]] * len(bad)


def test_proofs_lead_to_the_root_in_trees_of_every_shape(opened: Open) -> None:
    page = opened()
    leaves = [sha256(b"\x00", bytes([index])) for index in range(20)]
    for size in (0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 19):
        records = [
            record(size + at, kind) for at, kind in enumerate(("run_started", "window", "interrupted"))
        ]
        assert found(page, HandMade(records, {}, before=leaves[:size]).archive()) == [], size


def test_a_whole_bundle_has_nothing_wrong(opened: Open) -> None:
    page = opened()
    assert found(page, tiny().archive()) == []
    assert found(page, golden().archive()) == []


ANOTHER_SPELLING = {
    "twice the same key": (b'{"kind"', b'{"kind":"x","kind"'),
    "a space": (b'{"kind":', b'{"kind": '),
    "another order": (b'"number":0,"run":"run-000001"', b'"run":"run-000001","number":0'),
    "a fraction": (b'"number":0', b'"number":0.0'),
    "an escape": (b'"run-000001"', b'"run\\u002d000001"'),
}


@pytest.mark.parametrize("spelling", ANOTHER_SPELLING)
def test_a_record_has_one_spelling(opened: Open, spelling: str) -> None:
    old, new = ANOTHER_SPELLING[spelling]
    first = b'{"kind":"run_started","number":0,"run":"run-000001"}'
    last = b'{"kind":"interrupted","number":1,"run":"run-000001"}'
    page = opened()
    assert found(page, HandMade([first, last], {}).archive()) == []
    said = [key for _, key, _ in found(page, HandMade([first.replace(old, new), last], {}).archive())]
    assert "record_unreadable" in said


@pytest.mark.parametrize(
    "bench", ["Bench 1", "1+1", "一号 台", "a\nb", "a\x1fb\x85c\u2028d\u3000e", "\ufeffb", "\U0001f600\uffff"]
)
def test_a_bench_may_have_any_name(opened: Open, bench: str) -> None:
    made = tiny()
    made.bench = bench
    assert found(opened(), made.archive()) == []


def test_every_byte_of_a_bundle_is_held(opened: Open) -> None:
    """Any one of them flipped: the archive is no longer the one that its files make."""
    archive = tiny().archive()
    page = opened()
    missed = page.evaluate(
        """(encoded) => {
            const bytes = archive_bytes.bytesOfBase64(encoded);
            const missed = [];
            for (let at = 0; at < bytes.length; at++) {
                bytes[at] ^= 1 << at % 8;
                try {
                    const { looksLikeArchive, readArchive, strangePlace } = archive_zip;
                    if (looksLikeArchive(bytes) && strangePlace(bytes, readArchive(bytes)) === null) missed.push(at);
                } catch (error) {
                    if (!(error instanceof archive_bytes.Refused)) throw error;
                }
                bytes[at] ^= 1 << at % 8;
            }
            return missed;
        }""",
        base64.b64encode(archive).decode(),
    )
    assert len(archive) > 4000
    assert missed == []


def change_of(name: str, at: int = 0) -> Callable[[dict[str, bytes]], None]:
    """What somebody does who flips a bit of a file and packs the archive again."""

    def changed(files: dict[str, bytes]) -> None:
        data = bytearray(files[name])
        data[at] ^= 1
        files[name] = bytes(data)

    return changed


def test_a_changed_file_is_named_also_when_the_archive_was_made_anew(opened: Open) -> None:
    page = opened()
    bundle = tiny()
    for name in bundle.files():
        said = found(page, bundle.archive(change_of(name)))
        assert said, name
        if name not in ("manifest.json", "manifest.sig"):
            assert ("files", "file_changed", {"file": name}) in said, name
        assert "archive" not in {step for step, _, _ in said}


def test_a_changed_record_is_named_by_its_number(opened: Open) -> None:
    def changed(files: dict[str, bytes]) -> None:
        files["records.jsonl"] = files["records.jsonl"].replace(b'"0.25"', b'"0.24"')

    said = found(opened(), tiny().archive(changed))
    assert ("records", "record_not_in_log", {"number": 2, "kind": "window"}) in said
    assert not any(values.get("number") == 1 for _, _, values in said)


def test_a_changed_raw_file_is_named_with_the_records_that_it_is_of(opened: Open) -> None:
    said = found(opened(), tiny().archive(change_of("runs/run-000001/edges-1.bin")))
    named = [(values["file"], values["number"]) for step, key, values in said if key == "raw_file_differs"]
    assert named == [("runs/run-000001/edges-1.bin", 2), ("runs/run-000001/edges-1.bin", 3)]


def rehashed(files: dict[str, bytes]) -> None:
    """A figure is changed by somebody without the key, who computes every hash again."""
    forged = tiny(key=OTHER_KEY, figure="0.01").files()
    kept = {name: files[name] for name in ("manifest.sig", "checkpoint.txt", "public-key.txt")}
    files.clear()
    files.update(forged | kept)
    manifest = json.loads(forged["manifest.json"])
    for listed in manifest["files"]:
        data = files[listed["name"]]
        listed.update(bytes=len(data), sha256=sha256(data).hex())
    files["manifest.json"] = canonical(manifest)


def test_a_figure_changed_and_everything_hashed_again_without_the_key_is_found(opened: Open) -> None:
    said = found(opened(), tiny().archive(rehashed))
    assert ("manifest", "signature_of_another", {"file": "manifest.json"}) in said
    assert any(key == "checkpoint_of_another" for _, key, _ in said)


def test_a_record_taken_from_the_end_is_missed(opened: Open) -> None:
    page = opened()
    assert ("records", "run_without_end", {"run": "run-000001"}) in found(page, tiny(upto=2).archive())

    def shortened(files: dict[str, bytes]) -> None:
        files["records.jsonl"] = b"".join(files["records.jsonl"].splitlines(keepends=True)[:-1])

    assert ("records", "run_without_end", {"run": "run-000001"}) in found(page, tiny().archive(shortened))


def test_a_record_taken_from_the_middle_is_missed(opened: Open) -> None:
    def shortened(files: dict[str, bytes]) -> None:
        lines = files["records.jsonl"].splitlines(keepends=True)
        files["records.jsonl"] = lines[0] + lines[2]

    assert ("records", "record_missing", {"number": 2}) in found(opened(), tiny().archive(shortened))


def test_the_root_that_the_last_record_names_is_held(opened: Open) -> None:
    bundle = tiny()
    bundle.records[-1] = bundle.records[-1].replace(b'"root_sha256":"', b'"root_sha256":"0')
    said = found(opened(), bundle.archive())
    assert [(step, key) for step, key, _ in said] == [("records", "own_root_differs")]


def test_files_that_nobody_listed_or_in_another_order_are_told(opened: Open) -> None:
    page = opened()

    def added(files: dict[str, bytes]) -> None:
        files["extra.txt"] = b"more"

    def turned(files: dict[str, bytes]) -> None:
        files["checkpoint.txt"] = files.pop("checkpoint.txt")

    assert found(page, tiny().archive(added)) == [("files", "file_not_listed", {"file": "extra.txt"})]
    assert found(page, tiny().archive(turned)) == [("files", "files_in_other_order", {})]


def test_whose_seal_it_is_is_compared_while_the_fingerprint_is_typed(opened: Open) -> None:
    page = opened()
    give(page, golden().archive())
    said, typed = page.locator("#comparison"), page.locator("#typed")
    assert page.locator("#fingerprint").inner_text().split() == fingerprint_of(KEY).split()
    expect(said).to_contain_text("does not know whose key")
    typed.fill(fingerprint_of(KEY)[:24])
    expect(said).to_have_text("The same so far: 20 of 64 digits")
    typed.fill(fingerprint_of(KEY).lower().replace(" ", ":"))
    expect(said).to_contain_text("was sealed by the laboratory")
    for at in (0, 17, 63):
        digits = fingerprint_of(KEY).replace(" ", "")
        typed.fill(digits[:at] + ("0" if digits[at] != "0" else "1") + digits[at + 1 :])
        expect(said).to_contain_text(f"Different from digit {at + 1} on")
    typed.fill(fingerprint_of(OTHER_KEY))
    expect(said).to_contain_text("Different from digit 1 on")
    assert outcome(page) == "other_key"
    typed.fill("what is this?")
    expect(said).to_contain_text("neither a fingerprint")


def test_a_bundle_sealed_anew_with_another_key_shows_the_other_fingerprint(opened: Open) -> None:
    page = opened()
    give(page, golden(OTHER_KEY).archive())
    assert outcome(page) != "changed"
    page.locator("#typed").fill(fingerprint_of(KEY))
    expect(page.locator("#outcome")).to_contain_text("another key than the one you compared")


def test_what_was_changed_is_said_in_words(opened: Open) -> None:
    page = opened()
    give(page, golden().archive(change_of("runs/run-000001/reference.jsonl", at=500)))
    assert outcome(page) == "changed"
    expect(page.locator("#outcome")).to_contain_text("This bundle is not as it was sealed")
    said = "\n".join(problems_of(page))
    assert "the content of runs/run-000001/reference.jsonl was changed" in said
    assert "runs/run-000001/reference.jsonl is not what record 8 names" in said


def test_the_code_of_a_paper_certificate_is_held_against_the_bundle(opened: Open) -> None:
    xml = b"<?xml version='1.0'?><dcc/>"
    bundle = golden()
    bundle.after = {"certificates/2026-001.xml": xml, **bundle.after}
    files = bundle.files()
    root = bytes.fromhex(json.loads(files["manifest.json"])["root_sha256"])

    def code(
        key: Ed25519PrivateKey = KEY, xml: bytes = xml, root: bytes = root, number: str = "2026-001"
    ) -> str:
        return signed_payload(number, xml, root, public_of(key), key.sign).to_text()

    page = opened()
    give(page, bundle.archive())
    said, typed = page.locator("#comparison"), page.locator("#typed")
    typed.fill(code() + "\n")
    expect(said).to_contain_text("It is of certificate 2026-001 and belongs to this bundle")
    assert outcome(page) not in ("other_key", "changed")
    cases = {
        code(OTHER_KEY): "not signed with this key",
        code(xml=b"<other/>"): "not in this bundle, or not with this content",
        code(number="2026-002"): "2026-002 is not in this bundle",
        code(root=bytes(32)): "is not that of this bundle",
    }
    for text, sentence in cases.items():
        typed.fill(text)
        expect(said).to_contain_text(sentence)
        assert outcome(page) == "other_paper"
    for text in (code()[:-4], "MTB1:", "MTB1:?", code() + "ABC"):
        typed.fill(text)
        expect(said).to_contain_text("it is not whole")


HOSTILE = {
    "nothing": b"",
    "text": b"hello",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "another archive": b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + bytes(18),
    "half a bundle": tiny().archive()[:3000],
    "a bundle without its beginning": tiny().archive()[3000:],
    "zeros": bytes(100_000),
    "ends of archives": b"PK\x03\x04" + b"PK\x05\x06\xff\xff\xff\xff" * 3000,
    "a deep manifest": tiny().archive(lambda f: f.update({"manifest.json": b"[" * 200_000})),
    "a manifest of other types": tiny().archive(
        lambda f: f.update({"manifest.json": b'{"files":{},"format":1}'})
    ),
    "a manifest that is null": tiny().archive(lambda f: f.update({"manifest.json": b"null"})),
    "a manifest of a later form": tiny().archive(lambda f: f.update({"manifest.json": b'{"format":2}'})),
    "records that are none": tiny().archive(
        lambda f: f.update({"records.jsonl": b"1\n[]\nnull\n{}\n" * 300})
    ),
    "records with other types": tiny().archive(
        lambda f: f.update(
            {"records.jsonl": record(1, "run_started", raw_files=[1], meters=7, station=1) + b"\n"}
        )
    ),
    "a key that is none": tiny().archive(lambda f: f.update({"public-key.txt": b"a+00000000+AAAA\n"})),
    "notes that are none": tiny().archive(
        lambda f: f.update(
            {"manifest.sig": b"\n\n\n", "checkpoint.txt": b"\xff\xfe", "proofs/000000001.txt": b""}
        )
    ),
    "verdicts of other types": HandMade(
        [
            record(0, "run_started", meters={"1": {}}, test_points=[], station=None, raw_files={"a": None}),
            record(
                1, "verdict", position="1", point=9, mean=5, figures=3, findings=7, verdict=None, mpe_pct={}
            ),
            record(2, "run_ended", verdict=[], checkpoint=3),
        ],
        {},
    ).archive(),
    "names with markup": tiny().archive(lambda f: f.update({"<img src=x onerror=alert(1)>": b"-"})),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_any_file_gets_a_sentence(opened: Open, language: str) -> None:
    page = opened(language)
    for name, data in HOSTILE.items():
        give(page, data)
        assert outcome(page) in ("refused", "changed"), name
        assert len(page.locator("#outcome").inner_text()) > 15, name
        assert "undefined" not in page.locator("main").inner_text(), name


def test_a_certificate_alone_is_answered_kindly_and_compared_after_its_bundle(opened: Open) -> None:
    page = opened()
    pdf = b"%PDF-1.7 a certificate"
    give(page, pdf, "2026-001.pdf")
    expect(page.locator("#outcome")).to_contain_text(
        "choose the evidence bundle (.zip) of the same test first"
    )
    bundle = golden()
    bundle.after = {"certificates/2026-001.pdf": pdf, **bundle.after}
    give(page, bundle.archive())
    give(page, pdf, "by-mail.pdf")
    expect(page.locator(".companion.same")).to_contain_text("by-mail.pdf is byte for byte")
    give(page, pdf + b" ", "changed.pdf")
    expect(page.locator(".companion.other")).to_contain_text("changed.pdf is not in this bundle")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save 2026-001.pdf").click()
    assert download.value.suggested_filename == "2026-001.pdf"
    assert Path(download.value.path()).read_bytes() == pdf


UNBALANCE = {"unbalance_limit_pct": "1.5", "unbalance_pct": "0.2"}


def two_meters() -> HandMade:
    """A run of two meters, of which the second fails."""
    meters = {place: {"serial": f"M-{place}", "meter_type": "DD"} for place in ("1", "2")}
    rules = {"name": "jjg596-2012", "text": 'name = "jjg596-2012"\nstandard = "JJG 596-2012"\n'}
    clock = {"wall_time": "2026-01-01T20:30:00.000+00:00", "utc_offset_s": 28800}
    point = {"item": "basic_error", "load_point": {"name": "Ib 1.0"}}
    verdicts: list[dict[str, Any]] = [
        {"position": "1", "verdict": "PASS", "mean": mean("0.387512", "0.4"), "figures": {}},
        {"position": "2", "verdict": "FAIL", "mean": None, "figures": UNBALANCE},
    ]  # fmt: skip
    told = [
        record(at, "verdict", point=0, mpe_pct="1.000000", findings=[], **v)
        for at, v in enumerate(verdicts, 1)
    ]
    first = record(0, "run_started", meters=meters, test_points=[point], rule_set=rules, clock=clock)
    end = record(3, "run_ended", verdict="FAIL", positions={"1": "PASS", "2": "FAIL"}, raw_files={})
    return HandMade([first, *told, end], {})


def mean(error: str, rounded: str) -> dict[str, str]:
    return {"mean_pct": error, "expanded_uncertainty_pct": "0.073707", "rounded_pct": rounded}


def test_each_meter_of_a_run_has_its_own_verdict_and_the_run_none(opened: Open) -> None:
    page = opened()
    give(page, two_meters().archive())
    facts = page.locator("section.run dl")
    assert "Conclusion" not in facts.nth(0).inner_text()
    for place, verdict in ((1, "PASS"), (2, "FAIL")):
        assert facts.nth(place).inner_text().split("\n")[:2] == ["Conclusion", verdict]


def test_a_run_is_dated_in_its_zone_and_names_the_standard_and_the_rounded_value(opened: Open) -> None:
    page = opened()
    give(page, two_meters().archive())
    said = page.locator("section.run").inner_text()
    assert "2026-01-02 04:30 UTC+08:00" in said
    assert "JJG 596-2012" in said
    assert "jjg596-2012" not in said
    assert "+0.388 ± 0.074 %" in said
    assert "rounded to +0.4 %" in said
    assert "judged as" not in said, "not every rule judges the rounded value"
    assert "differs from balanced load by 0.2 %; limit ±1.5 %" in said, "not by the alphabet"


def test_a_file_can_be_dropped_on_the_page(opened: Open) -> None:
    page = opened()
    data = page.evaluate_handle(
        """(encoded) => {
            const data = new DataTransfer();
            const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
            data.items.add(new File([bytes], "bundle.zip"));
            return data;
        }""",
        base64.b64encode(golden().archive()).decode(),
    )
    page.dispatch_event("main", "drop", {"dataTransfer": data})
    expect(page.locator("#fingerprint")).to_contain_text(fingerprint_of(KEY)[:4])


def test_the_page_speaks_the_language_of_the_browser_and_the_other_at_a_tap(opened: Open) -> None:
    page = opened("zh")
    give(page, golden().archive())
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("h1")).to_have_text("电能表检验结果核对")
    assert "模拟" in page.locator("main").inner_text()
    page.locator("#typed").fill(fingerprint_of(KEY)[:4])
    page.get_by_role("button", name="Switch to English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Check the result of a meter test")
    assert "SIMULATED" in page.locator("main").inner_text()
    expect(page.locator("#comparison")).to_have_text("The same so far: 4 of 64 digits")


def test_a_browser_in_any_other_language_gets_english(opened: Open, browser: Browser, address: str) -> None:
    page = browser.new_page(locale="fr-FR")
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", SIZES)
def test_nothing_scrolls_sideways_and_every_target_can_be_hit(
    opened: Open, language: str, width: int
) -> None:
    page = opened(language, width)
    for data in (None, golden().archive(), golden().archive(change_of("records.jsonl", at=900))):
        if data is not None:
            give(page, data)
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.evaluate(
            """() => [...document.querySelectorAll("a:not(.skip), button, summary, input, textarea")]
            .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)"""
        )
        assert small == []


def test_axe_finds_nothing(opened: Open) -> None:
    page = opened()
    for data in (
        None,
        golden().archive(),
        golden().archive(change_of("records.jsonl", at=900)),
        b"no bundle",
    ):
        if data is not None:
            give(page, data)
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        # axe is put into the page by the driver of the browser, and not by the page.
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, ("color-contrast",)) == [], "dark"
        page.emulate_media(color_scheme="light")


def test_all_of_it_can_be_used_with_the_keyboard(opened: Open) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "language"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"
    give(page, golden().archive())
    assert page.evaluate("document.activeElement.id") == "outcome", "what was found is read next"


def test_the_page_stays_alive_while_it_works(opened: Open) -> None:
    """Something else gets its turn between the steps, and sees which of them is under way.

    It sends itself messages: a timer may wait behind that of the page for as long as the browser likes.
    """
    page = opened()
    page.evaluate(
        """() => {
            window.seen = new Set();
            const words = document.getElementById("progress-words");
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { window.seen.add(words.textContent); port2.postMessage(0); };
            port2.postMessage(0);
        }"""
    )
    bundle = golden()
    bundle.after = {"filler.bin": bytes(9_000_000), **bundle.after}
    give(page, bundle.archive())
    assert outcome(page) == "agrees"
    seen = page.evaluate("[...window.seen]")
    assert {"the hash of every file", "computing again from the raw data"} <= set(seen)
