-- Makers of meters: which types of the laboratory's cases are whose, what was asked of each about them, what it replied.
-- Nothing of a customer or of one meter stands here.

CREATE TABLE maker (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL
) STRICT;

-- A type is of one maker.
CREATE TABLE maker_type (
    meter_type TEXT PRIMARY KEY CHECK (meter_type <> ''),
    maker INTEGER NOT NULL REFERENCES maker (id)
) STRICT;

-- reply: what the maker wrote or said, as somebody here took it down.
CREATE TABLE maker_question (
    id INTEGER PRIMARY KEY,
    maker INTEGER NOT NULL REFERENCES maker (id),
    words TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    reply TEXT,
    replied_at TEXT,
    noted_by TEXT
) STRICT;
