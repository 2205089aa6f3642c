-- What a case may go through. `transitions.py` says who does it and by which act; here a state that is none is refused.
CREATE TABLE passage (before TEXT NOT NULL, after TEXT NOT NULL, PRIMARY KEY (before, after)) STRICT;
INSERT INTO passage VALUES
    ('applied', 'planned'), ('applied', 'declined'), ('applied', 'withdrawn'),
    ('planned', 'ready'), ('planned', 'declined'), ('planned', 'withdrawn'),
    ('ready', 'planned'), ('ready', 'testing'), ('ready', 'declined'), ('ready', 'withdrawn'),
    ('testing', 'tested'),
    ('tested', 'testing'), ('tested', 'explained'), ('tested', 'closed'),
    ('explained', 'closed');

-- doubt, closing_reason and next_step are references of free texts (kept_text). root: the first case of a chain of retests.
CREATE TABLE cases (
    id TEXT PRIMARY KEY CHECK (id GLOB 'C[0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]*'),
    state TEXT NOT NULL CHECK (state IN
        ('applied', 'planned', 'ready', 'testing', 'tested', 'explained', 'closed', 'declined', 'withdrawn')),
    state_since TEXT NOT NULL,
    applied_on TEXT NOT NULL,
    doubt TEXT NOT NULL,
    serial TEXT NOT NULL CHECK (serial <> ''),
    meter_kind TEXT NOT NULL,
    area TEXT NOT NULL,
    rule_set TEXT,
    decision_rule TEXT,
    plan_toml TEXT,
    planned_s REAL,
    verifier TEXT,
    checker TEXT,
    appointment TEXT,
    deadline TEXT,
    root TEXT NOT NULL,
    retest_of TEXT REFERENCES cases (id),
    outcome TEXT CHECK (outcome IN ('PASS', 'FAIL', 'INVALID', 'UNJUDGED')),
    answered_on TEXT,
    closing_reason TEXT,
    next_step TEXT,
    CONSTRAINT verifier_is_not_checker CHECK (verifier <> checker),
    CONSTRAINT two_persons CHECK (
        state IN ('applied', 'declined', 'withdrawn') OR (verifier IS NOT NULL AND checker IS NOT NULL)),
    CONSTRAINT tested_has_an_outcome CHECK (state NOT IN ('tested', 'explained') OR outcome IS NOT NULL),
    CONSTRAINT ends_by_an_answer_or_a_reason CHECK (
        state NOT IN ('closed', 'withdrawn') OR answered_on IS NOT NULL OR closing_reason IS NOT NULL),
    CONSTRAINT declined_with_a_next_step CHECK (
        state <> 'declined' OR (closing_reason IS NOT NULL AND next_step IS NOT NULL))
) STRICT;

-- One verifier, one meter under witnessed test.
CREATE UNIQUE INDEX one_meter_a_verifier ON cases (verifier) WHERE state IN ('ready', 'testing');
-- One meter, one open case.
CREATE UNIQUE INDEX one_open_case_a_meter ON cases (serial COLLATE NOCASE)
    WHERE state NOT IN ('closed', 'declined', 'withdrawn');

CREATE TRIGGER cases_stay BEFORE DELETE ON cases BEGIN SELECT RAISE(ABORT, 'cases are kept'); END;
CREATE TRIGGER cases_have_one_name BEFORE UPDATE OF id, applied_on, root, retest_of ON cases
BEGIN SELECT RAISE(ABORT, 'what a case is stays'); END;
CREATE TRIGGER cases_begin_as_applied BEFORE INSERT ON cases WHEN NEW.state <> 'applied'
BEGIN SELECT RAISE(ABORT, 'a case begins with an application'); END;
CREATE TRIGGER cases_go_by_the_table BEFORE UPDATE OF state ON cases
WHEN OLD.state <> NEW.state
    AND NOT EXISTS (SELECT 1 FROM passage WHERE before = OLD.state AND after = NEW.state)
BEGIN SELECT RAISE(ABORT, 'no such passage'); END;

-- Who had a case in hand once the customer was there, from when on; `why` (a reference) where it was handed over.
CREATE TABLE part (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    role TEXT NOT NULL CHECK (role IN ('verifier', 'checker')),
    person TEXT NOT NULL CHECK (person <> ''),
    since TEXT NOT NULL,
    why TEXT CHECK (why <> '')
) STRICT;
CREATE INDEX part_of_case ON part (case_id);
CREATE TRIGGER part_stays BEFORE UPDATE ON part BEGIN SELECT RAISE(ABORT, 'part is append-only'); END;
CREATE TRIGGER part_is_kept BEFORE DELETE ON part BEGIN SELECT RAISE(ABORT, 'part is append-only'); END;

-- One person from start to end: another one by a handover with a reason, and by none during a test.
CREATE TRIGGER one_verifier_to_the_end BEFORE UPDATE OF verifier ON cases
WHEN OLD.verifier <> NEW.verifier AND OLD.state NOT IN ('applied', 'planned') AND (OLD.state = 'testing' OR NOT EXISTS (
    SELECT 1 FROM part WHERE case_id = NEW.id AND role = 'verifier' AND person = NEW.verifier AND why IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'handed over with a reason, or not at all'); END;
CREATE TRIGGER one_checker_to_the_end BEFORE UPDATE OF checker ON cases
WHEN OLD.checker <> NEW.checker AND OLD.state NOT IN ('applied', 'planned') AND (OLD.state = 'testing' OR NOT EXISTS (
    SELECT 1 FROM part WHERE case_id = NEW.id AND role = 'checker' AND person = NEW.checker AND why IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'handed over with a reason, or not at all'); END;

-- A retest is for others than all who had a case of the same chain in hand.
CREATE TRIGGER retest_by_others BEFORE UPDATE OF verifier, checker ON cases
WHEN EXISTS (SELECT 1 FROM part JOIN cases AS other ON other.id = part.case_id
    WHERE other.root = NEW.root AND other.id <> NEW.id AND part.person IN (NEW.verifier, NEW.checker))
BEGIN SELECT RAISE(ABORT, 'a retest is for others'); END;
CREATE TRIGGER part_in_one_case_of_a_chain BEFORE INSERT ON part
WHEN EXISTS (SELECT 1 FROM part AS earlier JOIN cases AS other ON other.id = earlier.case_id
    WHERE other.root = (SELECT root FROM cases WHERE id = NEW.case_id)
    AND other.id <> NEW.case_id AND earlier.person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'a retest is for others'); END;

-- Runs, by whom. A run is of one case.
CREATE TABLE case_run (
    run_id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    at TEXT NOT NULL,
    verifier TEXT NOT NULL
) STRICT;
CREATE INDEX run_of_case ON case_run (case_id);

-- What is ticked. All of it, or no test begins.
CREATE TABLE tick (
    case_id TEXT NOT NULL REFERENCES cases (id),
    name TEXT NOT NULL CHECK (name IN ('seals', 'nameplate_photo', 'register_photo', 'shoe_covers', 'gloves', 'distance',
        'consent', 'reference_valid')),
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (case_id, name)
) STRICT;
CREATE TRIGGER no_test_with_an_open_checklist BEFORE UPDATE OF state ON cases
WHEN NEW.state = 'testing' AND (SELECT COUNT(*) FROM tick WHERE case_id = NEW.id) < 8
BEGIN SELECT RAISE(ABORT, 'the checklist is open'); END;

-- Who the customer is: the only place that has a name, an address or a telephone number. Deleted on request.
CREATE TABLE customer (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL
) STRICT;

-- Free texts, by salted references. Deleted on request.
CREATE TABLE kept_text (
    reference TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    salt BLOB NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX text_of_case ON kept_text (case_id);

-- What was done in a case: canonical JSON, each with the SHA-256 of the chain up to and with it.
CREATE TABLE history (
    case_id TEXT NOT NULL REFERENCES cases (id),
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    chain TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) STRICT;
CREATE TRIGGER history_stays BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_is_kept BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_has_no_gap BEFORE INSERT ON history
WHEN NEW.number <> (SELECT COUNT(*) + 1 FROM history WHERE case_id = NEW.case_id)
BEGIN SELECT RAISE(ABORT, 'history has no gap'); END;

-- What was refused. Kept for 400 days at least.
CREATE TABLE refusal (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    key TEXT NOT NULL,
    case_id TEXT
) STRICT;
CREATE INDEX refusal_at ON refusal (at);
CREATE TRIGGER refusal_stays BEFORE UPDATE ON refusal BEGIN SELECT RAISE(ABORT, 'refusals are append-only'); END;
CREATE TRIGGER refusal_is_kept BEFORE DELETE ON refusal
WHEN date(OLD.at) >= date((SELECT MAX(at) FROM refusal), '-400 days')
BEGIN SELECT RAISE(ABORT, 'refusals are append-only'); END;
