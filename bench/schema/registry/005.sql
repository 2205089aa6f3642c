-- Equipment cards, as versions: a card is changed by writing its next version. body: canonical JSON of the whole card.
CREATE TABLE equipment_version (
    number INTEGER PRIMARY KEY,
    card TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL,
    UNIQUE (card, version)
) STRICT;
CREATE TRIGGER equipment_versions_stay BEFORE UPDATE ON equipment_version BEGIN SELECT RAISE(ABORT, 'cards are append-only'); END;
CREATE TRIGGER equipment_versions_are_kept BEFORE DELETE ON equipment_version BEGIN SELECT RAISE(ABORT, 'cards are append-only'); END;

CREATE TABLE maintenance (
    number INTEGER PRIMARY KEY,
    card TEXT NOT NULL,
    day TEXT NOT NULL,
    what TEXT NOT NULL,
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER maintenance_stays BEFORE UPDATE ON maintenance BEGIN SELECT RAISE(ABORT, 'maintenance is append-only'); END;
CREATE TRIGGER maintenance_is_kept BEFORE DELETE ON maintenance BEGIN SELECT RAISE(ABORT, 'maintenance is append-only'); END;
