-- Free texts that records refer to by a salted hash: titles, reasons, remarks. They can be deleted, and are never changed.
-- run_id: of the run in whose records it stands; what: plan_title, skip, answer or reading.
CREATE TABLE kept_text (
    reference TEXT PRIMARY KEY,
    salt BLOB NOT NULL,
    text TEXT NOT NULL,
    run_id TEXT NOT NULL,
    what TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE INDEX kept_text_run ON kept_text (run_id);
CREATE TRIGGER kept_texts_stay BEFORE UPDATE ON kept_text BEGIN SELECT RAISE(ABORT, 'kept texts are not changed'); END;
