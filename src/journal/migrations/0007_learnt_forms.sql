-- Which bank the statements of a form are from, as accepted uploads show: hashes and counts only.
CREATE TABLE learnt_forms (
    -- Hash of the form, 32 digits of lower-case hex.
    form           TEXT    NOT NULL CHECK (length(form) = 32),
    -- Identifier of the bank.
    bank           TEXT    NOT NULL,
    -- An HMAC over the account number with the key of case_statements, or "import:" and the name of an imported file.
    source         TEXT    NOT NULL,
    -- Accounts that agree: at most 1 unless imported.
    accounts       INTEGER NOT NULL,
    -- Accounts that contradict.
    contradictions INTEGER NOT NULL,
    PRIMARY KEY (form, bank, source)
) STRICT, WITHOUT ROWID;
