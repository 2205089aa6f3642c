-- One service: every request of a customer, whoever has it in hand; what a month is steered by; who is thanked.
-- A verification is a case of 001 and stands there only; what is here of it is whose it is beside the test.

CREATE TABLE department (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    zh TEXT NOT NULL CHECK (zh <> ''),
    en TEXT NOT NULL CHECK (en <> ''),
    closed_at TEXT
) STRICT;
INSERT INTO department VALUES
    ('counter', '营业厅', 'Counter', NULL), ('meter_reading', '抄表', 'Meter reading', NULL),
    ('metering', '计量', 'Metering', NULL), ('billing', '电费核算', 'Billing', NULL), ('other', '其他', 'Other', NULL);

-- Of a token there is only its SHA-256 (hex). settled: what the customer said to the answer. verification: the case that it led to.
CREATE TABLE request (
    id TEXT PRIMARY KEY CHECK (id GLOB 'R[0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]*'),
    kind TEXT NOT NULL CHECK (kind IN
        ('verification', 'billing', 'complaint', 'reading', 'supply', 'appeal', 'other')),
    state TEXT NOT NULL CHECK (state IN ('new', 'in_hand', 'answered', 'closed', 'declined')),
    asked_at TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    area TEXT NOT NULL,
    owner TEXT CHECK (owner <> ''),
    department TEXT NOT NULL REFERENCES department (name),
    deadline TEXT NOT NULL,
    token_sha256 TEXT UNIQUE,
    answered_at TEXT,
    settled INTEGER CHECK (settled IN (0, 1)),
    settled_at TEXT,
    has_reason INTEGER NOT NULL DEFAULT 0 CHECK (has_reason IN (0, 1)),
    has_next_step INTEGER NOT NULL DEFAULT 0 CHECK (has_next_step IN (0, 1)),
    closed_at TEXT,
    verification TEXT REFERENCES cases (id),
    CONSTRAINT in_hand_has_an_owner CHECK (state NOT IN ('in_hand', 'answered') OR owner IS NOT NULL),
    CONSTRAINT ends_by_the_customer_or_a_reason CHECK (
        state <> 'closed' OR COALESCE(settled, 0) = 1 OR has_reason = 1 OR verification IS NOT NULL),
    CONSTRAINT declined_with_reason_and_next_step CHECK (
        state <> 'declined' OR (has_reason = 1 AND has_next_step = 1)),
    CONSTRAINT an_end_has_its_day CHECK ((state IN ('closed', 'declined')) = (closed_at IS NOT NULL))
) STRICT;
CREATE TRIGGER requests_stay BEFORE DELETE ON request BEGIN SELECT RAISE(ABORT, 'requests are kept'); END;
CREATE TRIGGER requests_are_what_they_are BEFORE UPDATE OF id, asked_at, asked_by, kind ON request
BEGIN SELECT RAISE(ABORT, 'what was asked stays'); END;
CREATE TRIGGER an_ended_request_stays BEFORE UPDATE OF state ON request
WHEN OLD.state IN ('closed', 'declined') AND NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'it is over'); END;

-- The only place that names who asked, and the words of everybody. Deleted on request.
CREATE TABLE request_customer (
    request TEXT PRIMARY KEY REFERENCES request (id),
    name TEXT NOT NULL,
    contact TEXT NOT NULL
) STRICT;
CREATE TABLE request_text (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    text TEXT NOT NULL CHECK (text <> '')
) STRICT;
CREATE INDEX text_of_request ON request_text (subject);

-- subject: a request, or a case of 001. said: a text, as long as it is kept. facts: JSON without a name.
CREATE TABLE request_event (
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    facts TEXT NOT NULL,
    said INTEGER,
    PRIMARY KEY (subject, number)
) STRICT;
CREATE TRIGGER request_event_stays BEFORE UPDATE ON request_event
BEGIN SELECT RAISE(ABORT, 'the history of a request is append-only'); END;
CREATE TRIGGER request_event_is_kept BEFORE DELETE ON request_event
BEGIN SELECT RAISE(ABORT, 'the history of a request is append-only'); END;

-- Whose a case of 001 is beside its test, from the first time that somebody takes it or hands it over.
CREATE TABLE case_holder (
    verification TEXT PRIMARY KEY REFERENCES cases (id),
    owner TEXT CHECK (owner <> ''),
    department TEXT NOT NULL REFERENCES department (name)
) STRICT;

-- Offered to another department, or person; it is the receiver's once accepted, and the giver's until then.
CREATE TABLE hand_off (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    offered_at TEXT NOT NULL,
    offered_by TEXT NOT NULL,
    from_department TEXT NOT NULL,
    to_department TEXT NOT NULL REFERENCES department (name),
    to_person TEXT CHECK (to_person <> ''),
    why INTEGER NOT NULL,
    settled_at TEXT,
    settled_by TEXT,
    accepted INTEGER CHECK (accepted IN (0, 1)),
    CONSTRAINT settled_by_somebody CHECK (
        (settled_at IS NULL) = (accepted IS NULL) AND (settled_at IS NULL) = (settled_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX one_hand_off_at_a_time ON hand_off (subject) WHERE settled_at IS NULL;

-- What was tried in a month, and at the next review whether it worked. indicator: a name of web/service/indicators.py.
CREATE TABLE measure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    month TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    what TEXT NOT NULL CHECK (what <> ''),
    owner TEXT NOT NULL CHECK (owner <> ''),
    indicator TEXT NOT NULL,
    due_on TEXT NOT NULL,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL,
    verdict TEXT CHECK (verdict IN ('worked', 'did_not', 'cannot_tell')),
    said TEXT,
    reviewed_at TEXT,
    reviewed_by TEXT,
    CONSTRAINT reviewed_by_somebody CHECK (
        (verdict IS NULL) = (reviewed_at IS NULL) AND (verdict IS NULL) = (reviewed_by IS NULL))
) STRICT;
CREATE INDEX measure_of_month ON measure (month);

-- holder: '' for everybody, 'team:NAME' of a department, or a person's id. The newest of an indicator and a holder counts.
CREATE TABLE target (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    indicator TEXT NOT NULL,
    holder TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('at_least', 'at_most')),
    value TEXT NOT NULL,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX one_target_an_indicator ON target (indicator, holder) WHERE ended_at IS NULL;

-- Thanks. Shown to the team when somebody of the office has looked at the words: nothing of a customer is to stand there.
CREATE TABLE kudos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL CHECK (person <> ''),
    words TEXT NOT NULL CHECK (words <> ''),
    given_by TEXT NOT NULL,
    given_at TEXT NOT NULL,
    looked_at_by TEXT,
    looked_at_at TEXT,
    is_shown INTEGER CHECK (is_shown IN (0, 1)),
    CONSTRAINT looked_at_by_somebody CHECK ((is_shown IS NULL) = (looked_at_by IS NULL))
) STRICT;
CREATE INDEX kudos_of_person ON kudos (person);
