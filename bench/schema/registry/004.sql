-- Persons and what they may do. Elsewhere a person is an id; the name stands in a table of its own and can be deleted.
CREATE TABLE person_version (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    roles TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER person_versions_stay BEFORE UPDATE ON person_version BEGIN SELECT RAISE(ABORT, 'persons are append-only'); END;
CREATE TRIGGER person_versions_are_kept BEFORE DELETE ON person_version BEGIN SELECT RAISE(ABORT, 'persons are append-only'); END;

CREATE TABLE person_name (
    person TEXT PRIMARY KEY,
    zh TEXT NOT NULL,
    latin TEXT NOT NULL
) STRICT;

-- failures: wrong passwords in a row; last_at: wall time of the last try.
CREATE TABLE person_password (
    person TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    last_at TEXT NOT NULL DEFAULT ''
) STRICT;

-- Lists are JSON; an empty one is "any". Dates are YYYY-MM-DD, both days included.
CREATE TABLE authorisation (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    items TEXT NOT NULL,
    connections TEXT NOT NULL,
    wirings TEXT NOT NULL,
    quantities TEXT NOT NULL,
    accuracy_classes TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    given_by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER authorisations_stay BEFORE UPDATE ON authorisation BEGIN SELECT RAISE(ABORT, 'authorisations are append-only'); END;
CREATE TRIGGER authorisations_are_kept BEFORE DELETE ON authorisation BEGIN SELECT RAISE(ABORT, 'authorisations are append-only'); END;

CREATE TABLE authorisation_revoked (
    number INTEGER PRIMARY KEY REFERENCES authorisation (number),
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER revocations_stay BEFORE UPDATE ON authorisation_revoked BEGIN SELECT RAISE(ABORT, 'authorisations are append-only'); END;
CREATE TRIGGER revocations_are_kept BEFORE DELETE ON authorisation_revoked BEGIN SELECT RAISE(ABORT, 'authorisations are append-only'); END;
