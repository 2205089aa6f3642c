-- What comes from the customer of a case. All of it is deleted when the customer asks for that; that a thing was said
-- stays in the history, without the words. Words are references of free texts (kept_text), as in 001.

-- How a customer gets in. Of a token there is only its SHA-256 (hex): who reads the database can open nothing.
CREATE TABLE invitation (
    token_sha256 TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    invited_by TEXT NOT NULL,
    until TEXT NOT NULL,
    used_at TEXT
) STRICT;
CREATE TABLE visit (
    cookie_sha256 TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    began_at TEXT NOT NULL,
    until TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE TABLE result_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_sha256 TEXT NOT NULL UNIQUE,
    case_id TEXT NOT NULL REFERENCES cases (id),
    made_by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    until TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

CREATE TABLE question (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL REFERENCES cases (id),
    asked_by TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT,
    answered_by TEXT,
    answered_at TEXT
) STRICT;
CREATE INDEX question_of_case ON question (case_id);

CREATE TABLE agreement (
    case_id TEXT NOT NULL REFERENCES cases (id),
    thing TEXT NOT NULL,
    agreed INTEGER NOT NULL CHECK (agreed IN (0, 1)),
    text_sha256 TEXT NOT NULL,
    said_by TEXT NOT NULL,
    said_at TEXT NOT NULL,
    PRIMARY KEY (case_id, thing)
) STRICT;

-- Before, after and at each follow-up, on the same scales.
CREATE TABLE opinion (
    case_id TEXT NOT NULL REFERENCES cases (id),
    moment TEXT NOT NULL CHECK (moment IN ('before', 'after', 'day_30', 'day_183')),
    words TEXT NOT NULL,
    meter_is_wrong INTEGER NOT NULL CHECK (meter_is_wrong BETWEEN 0 AND 10),
    trust INTEGER NOT NULL CHECK (trust BETWEEN 0 AND 10),
    said_at TEXT NOT NULL,
    PRIMARY KEY (case_id, moment)
) STRICT;
CREATE TABLE satisfaction (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    unclear TEXT NOT NULL,
    said_at TEXT NOT NULL
) STRICT;

CREATE TABLE signature (
    case_id TEXT NOT NULL REFERENCES cases (id),
    role TEXT NOT NULL CHECK (role IN ('customer', 'verifier', 'checker')),
    signed_by TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    case_digest TEXT NOT NULL,
    strokes TEXT NOT NULL,
    PRIMARY KEY (case_id, role)
) STRICT;

-- Decimal numbers as text; months: a JSON list of kWh, the earliest first.
CREATE TABLE consumption (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    kWh_per_year TEXT NOT NULL,
    months TEXT NOT NULL,
    price_per_kWh TEXT NOT NULL,
    currency TEXT NOT NULL,
    said_at TEXT NOT NULL
) STRICT;

CREATE TABLE trial (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL REFERENCES cases (id),
    error_pct TEXT NOT NULL,
    outcome TEXT NOT NULL,
    tried_at TEXT NOT NULL
) STRICT;
CREATE INDEX trial_of_case ON trial (case_id);

CREATE TABLE photo (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL CHECK (kind IN ('nameplate', 'register', 'other')),
    taken_by TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    jpeg BLOB NOT NULL
) STRICT;
CREATE INDEX photo_of_case ON photo (case_id);

-- The two times at which the customer is asked again.
CREATE TABLE follow_up (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL REFERENCES cases (id),
    moment TEXT NOT NULL CHECK (moment IN ('day_30', 'day_183')),
    tested_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    settled_at TEXT,
    settled_by TEXT,
    kind TEXT CHECK (kind IN ('call', 'visit', 'page')),
    said TEXT,
    used_kWh TEXT,
    UNIQUE (case_id, moment)
) STRICT;
CREATE INDEX follow_up_due ON follow_up (due_on) WHERE settled_at IS NULL;
