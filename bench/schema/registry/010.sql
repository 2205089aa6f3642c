-- Trainings of persons. An entry is corrected by a newer one that names it, and never changed. held_on, valid_until:
-- YYYY-MM-DD, valid_until empty for one that does not expire. held_by: a maker of meters (is_maker) or another body.
CREATE TABLE training (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    subject TEXT NOT NULL,
    held_by TEXT NOT NULL,
    is_maker INTEGER NOT NULL CHECK (is_maker IN (0, 1)),
    held_on TEXT NOT NULL,
    result TEXT NOT NULL,
    is_passed INTEGER NOT NULL CHECK (is_passed IN (0, 1)),
    valid_until TEXT NOT NULL,
    corrects INTEGER UNIQUE REFERENCES training (number),
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER trainings_stay BEFORE UPDATE ON training BEGIN SELECT RAISE(ABORT, 'trainings are append-only'); END;
CREATE TRIGGER trainings_are_kept BEFORE DELETE ON training BEGIN SELECT RAISE(ABORT, 'trainings are append-only'); END;

-- An authorisation is to verify or to check, and may rest on a training, with which it lapses.
ALTER TABLE authorisation ADD COLUMN role TEXT NOT NULL DEFAULT 'verifier';
ALTER TABLE authorisation ADD COLUMN training INTEGER REFERENCES training (number);
