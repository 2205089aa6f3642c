-- Certificates: drafts, who has signed them, what was issued. Only ever appended to.
-- A draft; sha256: of the canonical bytes of its text, which every signature is over. replaces: the certificate that it
-- corrects, and why; empty for none. by: id of a person, empty where nobody is registered.
CREATE TABLE certificate_draft (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    run_id TEXT NOT NULL,
    position TEXT NOT NULL,
    serial TEXT NOT NULL,
    replaces TEXT NOT NULL,
    why TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER drafts_stay BEFORE UPDATE ON certificate_draft BEGIN SELECT RAISE(ABORT, 'drafts are append-only'); END;
CREATE TRIGGER drafts_are_kept BEFORE DELETE ON certificate_draft BEGIN SELECT RAISE(ABORT, 'drafts are append-only'); END;

-- What a draft says: request and document as canonical JSON, with a salt, so that the hash that stays tells nothing of
-- them. The one place here that names a customer, and it can be deleted; it is never changed.
CREATE TABLE certificate_text (
    draft INTEGER PRIMARY KEY REFERENCES certificate_draft (number),
    body BLOB NOT NULL
) STRICT;
CREATE TRIGGER texts_stay BEFORE UPDATE ON certificate_text BEGIN SELECT RAISE(ABORT, 'texts of drafts are not changed'); END;

CREATE TABLE certificate_signature (
    number INTEGER PRIMARY KEY,
    draft INTEGER NOT NULL REFERENCES certificate_draft (number),
    role TEXT NOT NULL,
    person TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    wall_time TEXT NOT NULL,
    UNIQUE (draft, role)
) STRICT;
CREATE TRIGGER signatures_stay BEFORE UPDATE ON certificate_signature BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;
CREATE TRIGGER signatures_are_kept BEFORE DELETE ON certificate_signature BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;

-- The register. Of each year the sequence has no gap. body: canonical JSON of the
-- whole row as `bench/certificate/register.py` reads it.
CREATE TABLE certificate (
    number TEXT PRIMARY KEY,
    year INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    draft INTEGER NOT NULL UNIQUE REFERENCES certificate_draft (number),
    run_id TEXT NOT NULL,
    position TEXT NOT NULL,
    serial TEXT NOT NULL,
    replaces TEXT NOT NULL,
    body BLOB NOT NULL,
    wall_time TEXT NOT NULL,
    UNIQUE (year, sequence)
) STRICT;
CREATE UNIQUE INDEX certificate_is_replaced_once ON certificate (replaces) WHERE replaces <> '';
CREATE INDEX certificate_of_meter ON certificate (serial);
CREATE TRIGGER certificates_stay BEFORE UPDATE ON certificate BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
CREATE TRIGGER certificates_are_kept BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
CREATE TRIGGER certificates_have_no_gap BEFORE INSERT ON certificate
WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence) + 1, 1) FROM certificate WHERE year = NEW.year)
BEGIN
    SELECT RAISE(ABORT, 'the next certificate of the year has another number');
END;

CREATE TABLE certificate_withdrawn (
    number TEXT PRIMARY KEY REFERENCES certificate (number),
    why TEXT NOT NULL,
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER withdrawals_stay BEFORE UPDATE ON certificate_withdrawn BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
CREATE TRIGGER withdrawals_are_kept BEFORE DELETE ON certificate_withdrawn BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;

-- What has been dropped into the watch folder of the laboratory's own system.
CREATE TABLE certificate_delivered (
    number TEXT PRIMARY KEY REFERENCES certificate (number),
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER deliveries_stay BEFORE UPDATE ON certificate_delivered BEGIN SELECT RAISE(ABORT, 'deliveries are append-only'); END;
CREATE TRIGGER deliveries_are_kept BEFORE DELETE ON certificate_delivered BEGIN SELECT RAISE(ABORT, 'deliveries are append-only'); END;
