-- Witnessed cases: who is named for each and how far it has come, as versions; the newest one counts. Only appended to.
-- retest_of: a case of the same meter; empty for none. Persons by id.
CREATE TABLE case_version (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    serial TEXT NOT NULL,
    verifier TEXT NOT NULL,
    checker TEXT NOT NULL CHECK (checker <> verifier),
    retest_of TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('assigned', 'begun', 'ended')),
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE INDEX case_version_of ON case_version (case_id);
CREATE TRIGGER case_versions_stay BEFORE UPDATE ON case_version BEGIN SELECT RAISE(ABORT, 'cases are append-only'); END;
CREATE TRIGGER case_versions_are_kept BEFORE DELETE ON case_version BEGIN SELECT RAISE(ABORT, 'cases are append-only'); END;

-- why: reference of a kept text.
CREATE TABLE case_handover (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('verifier', 'checker')),
    from_person TEXT NOT NULL,
    to_person TEXT NOT NULL,
    why TEXT NOT NULL,
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE INDEX case_handover_of ON case_handover (case_id);
CREATE TRIGGER handovers_stay BEFORE UPDATE ON case_handover BEGIN SELECT RAISE(ABORT, 'handovers are append-only'); END;
CREATE TRIGGER handovers_are_kept BEFORE DELETE ON case_handover BEGIN SELECT RAISE(ABORT, 'handovers are append-only'); END;

-- What is under witnessed test now: one meter of one verifier. A row for each case that has begun and not ended.
CREATE TABLE case_under_test (
    case_id TEXT PRIMARY KEY,
    verifier TEXT NOT NULL UNIQUE,
    serial TEXT NOT NULL UNIQUE
) STRICT;
