-- How often a password rule opened accepted files: counts only, no value of any detail.
CREATE TABLE rule_uses (
    -- Identifier of the detected bank; empty if there was none.
    bank     TEXT    NOT NULL,
    -- The beginning of a SHA-256 of the producer in lower-case hex; empty if the file names none.
    producer TEXT    NOT NULL,
    -- The rule as in the table, followed by ~ for a variant of a detail.
    rule     TEXT    NOT NULL,
    files    INTEGER NOT NULL,
    PRIMARY KEY (bank, producer, rule)
) STRICT, WITHOUT ROWID;
