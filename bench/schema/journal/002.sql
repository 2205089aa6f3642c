-- Signed checkpoints: how long the journal was at the end of a run, and its root then. `note` is the signed text.
CREATE TABLE checkpoint (
    size   INTEGER PRIMARY KEY CHECK (size >= 1),
    run_id TEXT NOT NULL,
    note   TEXT NOT NULL
) STRICT;

CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;

CREATE TRIGGER checkpoint_is_never_removed BEFORE DELETE ON checkpoint
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;

CREATE TRIGGER checkpoint_is_over_all_records BEFORE INSERT ON checkpoint
WHEN NEW.size <> (SELECT COALESCE(MAX(number) + 1, 0) FROM record)
    OR NEW.size <= (SELECT COALESCE(MAX(size), 0) FROM checkpoint)
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is over all records, and longer than the one before');
END;
