-- Knowledge: what customers ask, what is answered and published, whom an area belongs to, and the cycle that improves it.

CREATE TABLE team (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    zh TEXT NOT NULL CHECK (zh <> ''),
    en TEXT NOT NULL CHECK (en <> '')
) STRICT;
CREATE TABLE team_member (
    team TEXT NOT NULL REFERENCES team (name),
    person TEXT NOT NULL CHECK (person <> ''),
    PRIMARY KEY (team, person)
) STRICT;
-- A cell of the grid. Cases and requests name it in the words of whoever wrote them: its name, or what it is called.
CREATE TABLE area (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    zh TEXT NOT NULL CHECK (zh <> ''),
    en TEXT NOT NULL CHECK (en <> ''),
    team TEXT NOT NULL REFERENCES team (name)
) STRICT;

-- A period of the cycle: plan (aim), do (its questions), check (learned), act (next). One is open at a time.
CREATE TABLE knowledge_period (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    opened_at TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    aim TEXT NOT NULL CHECK (aim <> ''),
    closed_at TEXT,
    closed_by TEXT,
    learned TEXT CHECK (learned <> ''),
    next TEXT CHECK (next <> ''),
    CONSTRAINT closed_with_what_was_learned CHECK (
        (closed_at IS NULL) = (learned IS NULL) AND (closed_at IS NULL) = (next IS NULL)
        AND (closed_at IS NULL) = (closed_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX one_period_at_a_time ON knowledge_period ((1)) WHERE closed_at IS NULL;

-- key: of an answer that came with the program. reviewed_in: the period whose review has looked at it last.
CREATE TABLE handbook_question (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('new', 'studied', 'answered', 'published', 'reviewed', 'set_aside')),
    state_since TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('meter', 'appliance', 'tariff', 'bill', 'verification', 'other')),
    owner TEXT CHECK (owner <> ''),
    due_on TEXT,
    reason TEXT CHECK (reason <> ''),
    same_as INTEGER REFERENCES handbook_question (id),
    reviewed_in INTEGER REFERENCES knowledge_period (number),
    CONSTRAINT in_work_has_an_owner_and_a_day CHECK (
        state NOT IN ('studied', 'answered') OR (owner IS NOT NULL AND due_on IS NOT NULL)),
    CONSTRAINT set_aside_with_a_reason CHECK (state <> 'set_aside' OR reason IS NOT NULL OR same_as IS NOT NULL)
) STRICT;
CREATE TRIGGER handbook_questions_stay BEFORE DELETE ON handbook_question
BEGIN SELECT RAISE(ABORT, 'questions are kept'); END;

-- Each time that somebody asked it. words: deleted with the customer's data, and by whoever finds a name in them.
CREATE TABLE asking (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    question INTEGER NOT NULL REFERENCES handbook_question (id),
    asked_at TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('tablet', 'counter', 'site', 'web')),
    area TEXT NOT NULL,
    words TEXT,
    written_by TEXT NOT NULL,
    case_id TEXT REFERENCES cases (id)
) STRICT;
CREATE INDEX asking_of_question ON asking (question);

-- Editions of an answer; the newest that is published is the handbook's.
CREATE TABLE handbook_answer (
    question INTEGER NOT NULL REFERENCES handbook_question (id),
    edition INTEGER NOT NULL,
    title_zh TEXT NOT NULL CHECK (title_zh <> ''),
    title_en TEXT NOT NULL CHECK (title_en <> ''),
    text_zh TEXT NOT NULL CHECK (text_zh <> ''),
    text_en TEXT NOT NULL CHECK (text_en <> ''),
    written_at TEXT NOT NULL,
    written_by TEXT NOT NULL,
    published_at TEXT,
    published_by TEXT,
    withdrawn_at TEXT,
    PRIMARY KEY (question, edition)
) STRICT;
CREATE TRIGGER an_edition_stays_as_it_was_written
BEFORE UPDATE OF question, edition, title_zh, title_en, text_zh, text_en, written_at, written_by ON handbook_answer
BEGIN SELECT RAISE(ABORT, 'an edition stays as it was written'); END;

-- "Did this settle your doubt?", counted by day; nobody's answer is kept by itself.
CREATE TABLE settled_count (
    question INTEGER NOT NULL REFERENCES handbook_question (id),
    edition INTEGER NOT NULL,
    day TEXT NOT NULL,
    settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (question, edition, day, settled)
) STRICT;
