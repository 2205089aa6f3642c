"""What has had its time goes, nothing before; a customer where the laboratory says so; by a wrong clock nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.errors import OperatorError
from calibration.household.found import Found
from tests.casework.stories import OFFICE, Clock, applied, received
from web.casework import cases
from web.casework.case_rows import case
from web.casework.forgetting import DELETED
from web.casework.history import is_intact, refuse
from web.casework.invitations import accept, invite
from web.casework.retention import LEAST_CUSTOMER_DAYS, LONGEST_SILENCE_DAYS, POLICY, Swept, sweep
from web.casework.self_checks import Kind, keep
from web.casework.store import Casework
from web.retention import main
from web.service import requests
from web.service.model import Asked
from web.service.model import Kind as RequestKind

SELF_CHECKS, CODES, TOKENS, REFUSALS = (line.what for line in POLICY)


def filled(cw: Casework) -> str:
    """One of everything that has a time of its own; the id of a case that is over."""
    keep(cw, Kind.NO_LOAD, Found.CONSISTENT, {"flashes": "0"}, {"zh": ["好"], "en": ["well"]})
    open_case = received(cw, "A-2")
    accept(cw, invite(cw, open_case.id, open_case.verifier or OFFICE))
    over = applied(cw)
    cases.withdraw(cw, over.id, OFFICE, "moved away")
    refuse(cw, "somebody", "sign_in", "sign_in_wrong")
    return over.id


def rows(cw: Casework, table: str) -> int:
    with cw.reading() as database:
        return int(database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def busy(cw: Casework) -> None:
    """Somebody works here: the clock is not the only one that says how late it is."""
    refuse(cw, "somebody", "sign_in", "sign_in_wrong")


def nothing(swept: Swept) -> bool:
    return not any(swept.deleted.values()) and not swept.forgotten


def test_each_goes_after_its_time_and_not_before(cw: Casework, clock: Clock) -> None:
    filled(cw)
    clock.move(days=1)
    assert nothing(sweep(cw))
    clock.move(days=2)
    assert sweep(cw).deleted == {SELF_CHECKS: 0, CODES: 0, TOKENS: 2, REFUSALS: 0}
    clock.move(days=26)
    assert nothing(sweep(cw))
    clock.move(days=1)
    assert sweep(cw).deleted[SELF_CHECKS] == 1
    for _ in range(5):
        busy(cw)
        clock.move(days=60)
        sweep(cw)
    assert rows(cw, "refusal") == 6
    busy(cw)
    clock.move(days=80)
    assert sweep(cw).deleted[REFUSALS] == 0, "counted from the newest one"
    with cw.writing() as database:
        database.execute("INSERT INTO refusal VALUES (NULL, ?, '', '', 'log_full', NULL)", (cw.now(),))
    assert sweep(cw).deleted[REFUSALS] == 1
    assert rows(cw, "self_check_expired") == 0
    assert rows(cw, "customer") == 2


def test_a_customer_goes_where_the_laboratory_says_so_and_the_case_is_over(
    cw: Casework, clock: Clock
) -> None:
    over = filled(cw)
    for _ in range(5):
        clock.move(days=80)
        busy(cw)
    assert sweep(cw, LEAST_CUSTOMER_DAYS + 1).forgotten == ()
    clock.move(days=1)
    [forgotten] = sweep(cw, LEAST_CUSTOMER_DAYS + 1).forgotten
    assert forgotten.case_id == over
    assert case(cw, over).customer is None
    assert is_intact(cw, over)
    assert rows(cw, "customer") == 1, "of the case that is open"


def test_a_trial_tells_the_same_and_deletes_nothing(cw: Casework, clock: Clock) -> None:
    filled(cw)
    for _ in range(6):
        clock.move(days=80)
        busy(cw)
    before = {table: rows(cw, table) for table in (*DELETED, "refusal")}
    tried = sweep(cw, LEAST_CUSTOMER_DAYS, is_trial=True)
    assert {table: rows(cw, table) for table in before} == before
    done = sweep(cw, LEAST_CUSTOMER_DAYS)
    assert tried.deleted == done.deleted
    assert [one.case_id for one in tried.forgotten] == [one.case_id for one in done.forgotten]
    assert nothing(sweep(cw, LEAST_CUSTOMER_DAYS))


def test_a_clock_that_is_far_ahead_deletes_nothing_until_somebody_says_that_it_is_right(
    cw: Casework, clock: Clock
) -> None:
    filled(cw)
    clock.move(days=LONGEST_SILENCE_DAYS + 1)
    with pytest.raises(OperatorError, match="the clock says"):
        sweep(cw)
    assert rows(cw, "self_check") == 1
    assert sweep(cw, clock_is_right=True).deleted[SELF_CHECKS] == 1


def test_fewer_days_than_a_customer_was_promised_are_refused(cw: Casework) -> None:
    with pytest.raises(OperatorError, match=f"{LEAST_CUSTOMER_DAYS} days"):
        sweep(cw, LEAST_CUSTOMER_DAYS - 1)


def test_a_file_that_is_empty_has_nothing_to_lose(cw: Casework) -> None:
    assert nothing(sweep(cw, LEAST_CUSTOMER_DAYS))


def test_the_command_says_what_went_and_refuses_what_is_not_there(tmp_path: Path) -> None:
    cases_file = tmp_path / "casework.sqlite"
    Casework(cases_file, lambda: "2026-11-27T06:00:00+00:00").close()
    said = CliRunner().invoke(main, ["--casework", str(cases_file), "--dry-run"])
    assert said.exit_code == 0
    assert said.output.count("\n") == len(POLICY) + 1
    assert "the log of refusals: after" in said.output
    in_chinese = CliRunner().invoke(main, ["--casework", str(cases_file), "--dry-run", "--lang", "zh"])
    assert "拒绝记录" in in_chinese.output
    assert "refusals" not in in_chinese.output
    assert CliRunner().invoke(main, ["--casework", str(tmp_path / "none")]).exit_code == 2


def test_who_asked_something_is_forgotten_as_customers_of_cases_are(tmp_path: Path, clock: Clock) -> None:
    cases_file = tmp_path / "casework.sqlite"
    cw = Casework(cases_file, lambda: "2024-11-27T06:00:00+00:00")
    over, waits = (
        requests.ask(cw, Asked(RequestKind.BILLING, "why so much?", "Li Wei", "138", "A3", OFFICE))[0].id
        for _ in range(2)
    )
    requests.close(cw, over, "nobody was reached", OFFICE)
    cw.close()
    command = ["--casework", str(cases_file), "--clock-is-right", "--customers-after", "400"]
    for more, name in (["--dry-run"], "Li Wei"), ([], None):
        said = CliRunner().invoke(main, [*command, *more])
        assert "     1  customers of requests that are closed: after 400 days" in said.output
        cw = Casework(cases_file, clock)
        assert [requests.request(cw, one).name for one in (over, waits)] == [name, "Li Wei"]
        cw.close()
