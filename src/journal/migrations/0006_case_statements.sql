-- Which statements and accounts were sent in which case, to find them in another one.

CREATE TABLE case_statements (
    -- Host and API key, as in uploads.
    owner  TEXT    NOT NULL,
    -- SHA-256 of the case's name, lower-case hex.
    link   TEXT    NOT NULL CHECK (length(link) = 64),
    -- An HMAC over a statement's bytes or text, or over bank and account number, lower-case hex. The
    -- key is in a file beside the journal.
    digest TEXT    NOT NULL CHECK (length(digest) = 64),
    -- Milliseconds since 1970-01-01T00:00:00Z.
    at     INTEGER NOT NULL,
    PRIMARY KEY (digest, link, owner)
) STRICT, WITHOUT ROWID;
