-- An approval can be taken back: by a row of its own, since nothing is changed or deleted.
ALTER TABLE approvals ADD COLUMN is_revoked INTEGER NOT NULL DEFAULT 0;
