-- The daily check. A base: mean and scatter of a check meter's results at one load point with one reference standard;
-- through: number of the journal's record that holds the last result of it. A release: all signals up to that record.
CREATE TABLE chart_base (
    number INTEGER PRIMARY KEY,
    card TEXT NOT NULL,
    load_point TEXT NOT NULL,
    reference_serial TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    results INTEGER NOT NULL,
    mean_pct TEXT NOT NULL,
    sigma_pct TEXT NOT NULL,
    through INTEGER NOT NULL,
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER bases_stay BEFORE UPDATE ON chart_base BEGIN SELECT RAISE(ABORT, 'charts are append-only'); END;
CREATE TRIGGER bases_are_kept BEFORE DELETE ON chart_base BEGIN SELECT RAISE(ABORT, 'charts are append-only'); END;

CREATE TABLE chart_release (
    number INTEGER PRIMARY KEY,
    card TEXT NOT NULL,
    load_point TEXT NOT NULL,
    through INTEGER NOT NULL,
    why TEXT NOT NULL,
    by TEXT NOT NULL,
    wall_time TEXT NOT NULL
) STRICT;
CREATE TRIGGER releases_stay BEFORE UPDATE ON chart_release BEGIN SELECT RAISE(ABORT, 'charts are append-only'); END;
CREATE TRIGGER releases_are_kept BEFORE DELETE ON chart_release BEGIN SELECT RAISE(ABORT, 'charts are append-only'); END;
