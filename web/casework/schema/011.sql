-- A typed name in the place of a drawing: the reference of a free text, or empty.
ALTER TABLE signature ADD COLUMN typed TEXT NOT NULL DEFAULT '';
