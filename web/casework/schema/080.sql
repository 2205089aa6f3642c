-- One list of departments, with who belongs to each; an area is a department's, and has every spelling by which it is meant.
-- Teams that areas had before are departments from now on.
CREATE TABLE department_member (
    department TEXT NOT NULL REFERENCES department (name),
    person TEXT NOT NULL CHECK (person <> ''),
    PRIMARY KEY (department, person)
) STRICT;
INSERT OR IGNORE INTO department SELECT name, zh, en, NULL FROM team;
INSERT INTO department_member SELECT team, person FROM team_member;
UPDATE department SET closed_at = NULL WHERE name IN (SELECT team FROM area);

CREATE TABLE area_of_department (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    zh TEXT NOT NULL CHECK (zh <> ''),
    en TEXT NOT NULL CHECK (en <> ''),
    department TEXT NOT NULL REFERENCES department (name)
) STRICT;
INSERT INTO area_of_department SELECT name, zh, en, team FROM area;
DROP TABLE area;
ALTER TABLE area_of_department RENAME TO area;
DROP TABLE team_member;
DROP TABLE team;

-- What somebody wrote and meant this area by. folded: as it is compared (web/casework/areas.py).
CREATE TABLE area_spelling (
    folded TEXT PRIMARY KEY CHECK (folded <> ''),
    area TEXT NOT NULL REFERENCES area (name),
    written TEXT NOT NULL CHECK (written <> '')
) STRICT;
CREATE INDEX spelling_of_area ON area_spelling (area);
