-- The journal: append-only records. `body` is the exact canonical bytes that are hashed; nothing is ever
-- changed or removed, and the triggers refuse it even to a program that tries.
CREATE TABLE record (
    number      INTEGER PRIMARY KEY CHECK (number >= 0),
    run_id      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    body        BLOB NOT NULL,
    leaf_sha256 BLOB NOT NULL CHECK (length(leaf_sha256) = 32)
) STRICT;

CREATE INDEX record_run ON record (run_id, number);

CREATE TRIGGER record_is_never_changed BEFORE UPDATE ON record
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER record_is_never_removed BEFORE DELETE ON record
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER record_has_no_gap BEFORE INSERT ON record
WHEN NEW.number <> (SELECT COALESCE(MAX(number) + 1, 0) FROM record)
BEGIN
    SELECT RAISE(ABORT, 'the next record of the journal has another number');
END;
