-- One meter, one planned case. An application alone reserves no meter: anybody may send one, with any serial number.
DROP INDEX one_open_case_a_meter;
CREATE UNIQUE INDEX one_planned_case_a_meter ON cases (serial COLLATE NOCASE)
    WHERE state NOT IN ('applied', 'closed', 'declined', 'withdrawn');
