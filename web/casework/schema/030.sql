-- What a customer has found by himself, before there was a case. Of the code there is only its SHA-256 (hex); several checks
-- may have one code. body: JSON of figures and of the sentences that were shown. Deleted at `until`, unless it belongs to a case.
CREATE TABLE self_check (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code_sha256 TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('no_load', 'known_load', 'consumption')),
    outcome TEXT NOT NULL CHECK (outcome IN ('consistent', 'inconsistent', 'cannot_tell')),
    body TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    until TEXT NOT NULL,
    case_id TEXT REFERENCES cases (id)
) STRICT;
CREATE INDEX self_check_by_code ON self_check (code_sha256);
CREATE INDEX self_check_of_case ON self_check (case_id);
