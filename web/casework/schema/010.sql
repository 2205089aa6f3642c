-- What a run showed of a case's meter when it was over, as JSON (web/casework/outcomes.py).
CREATE TABLE outcome (
    case_id TEXT NOT NULL REFERENCES cases (id),
    run_id TEXT NOT NULL CHECK (run_id <> ''),
    kept_at TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (case_id, run_id)
) STRICT;
CREATE TRIGGER outcome_stays BEFORE UPDATE ON outcome BEGIN SELECT RAISE(ABORT, 'an outcome is kept as it was'); END;
