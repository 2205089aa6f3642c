-- What commissioning has measured, and the audit trail of every change. Both are only ever appended to.
CREATE TABLE commissioning (
    number INTEGER PRIMARY KEY,
    wall_time TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TRIGGER commissioning_stays BEFORE UPDATE ON commissioning BEGIN SELECT RAISE(ABORT, 'commissioning is append-only'); END;
CREATE TRIGGER commissioning_is_kept BEFORE DELETE ON commissioning BEGIN SELECT RAISE(ABORT, 'commissioning is append-only'); END;

-- body: the exact canonical bytes; sha256 = SHA-256(that of the entry before || body).
CREATE TABLE trail (
    number INTEGER PRIMARY KEY CHECK (number >= 1),
    body BLOB NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32)
) STRICT;
CREATE TRIGGER trail_stays BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
CREATE TRIGGER trail_is_kept BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
CREATE TRIGGER trail_has_no_gap BEFORE INSERT ON trail
WHEN NEW.number <> (SELECT COALESCE(MAX(number) + 1, 1) FROM trail)
BEGIN
    SELECT RAISE(ABORT, 'the next entry of the trail has another number');
END;
