-- Photos of a self-check: the meter before and after, the appliance's plate; under the same code as the checks, or of a case.
CREATE TABLE self_check_photo (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code_sha256 TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('meter_start', 'meter_end', 'load_plate')),
    kept_at TEXT NOT NULL,
    until TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    jpeg BLOB NOT NULL,
    case_id TEXT REFERENCES cases (id)
) STRICT;
CREATE INDEX self_check_photo_by_code ON self_check_photo (code_sha256);
CREATE INDEX self_check_photo_of_case ON self_check_photo (case_id);
-- Codes whose time is over: for a while they are told from one that never was. Nothing of what was found is here.
CREATE TABLE self_check_expired (
    code_sha256 TEXT PRIMARY KEY,
    until TEXT NOT NULL
) STRICT;
