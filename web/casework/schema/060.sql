-- Cases that nobody has had: made by the demonstration (web/demonstration), with a history that was never lived and runs that no
-- bench has. Pages mark them, and every figure that rests on them.
CREATE TABLE made_up (
    case_id TEXT PRIMARY KEY REFERENCES cases (id)
) STRICT;
CREATE TRIGGER made_up_stays BEFORE UPDATE ON made_up BEGIN SELECT RAISE(ABORT, 'what was made up stays so'); END;
CREATE TRIGGER made_up_is_kept BEFORE DELETE ON made_up BEGIN SELECT RAISE(ABORT, 'what was made up stays so'); END;
