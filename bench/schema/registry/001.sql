-- Who approved which rule set: by the hash of its file, so an approval lapses when the file changes.
CREATE TABLE approvals (
    number INTEGER PRIMARY KEY,
    rule_set TEXT NOT NULL,
    edition TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    person TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER approvals_stay BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals are append-only'); END;
CREATE TRIGGER approvals_are_kept BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals are append-only'); END;
