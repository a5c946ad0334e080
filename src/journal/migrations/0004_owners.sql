-- Sessions and uploads belong to a host and an API key, refusals and answers are remembered, and
-- each row has a checksum.
--
-- An owner is the beginning of an HMAC over the host, keyed with the API key, in lower-case hex. It
-- is empty in rows of earlier versions until a key proves that the session is its own.

CREATE TABLE uploads_with_owner (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    owner          TEXT    NOT NULL,
    session        TEXT    NOT NULL,
    -- SHA-256, lower-case hex.
    content        TEXT    NOT NULL CHECK (length(content) = 64),
    name           TEXT    NOT NULL,
    bytes          INTEGER NOT NULL,
    bank           TEXT,
    -- Masked but for four characters.
    account        TEXT,
    -- The beginning of an HMAC over bank, category and password, keyed with the API key.
    request        TEXT,
    -- Finding codes of the file when it was sent, separated by spaces.
    predicted      TEXT    NOT NULL DEFAULT '',
    -- Times are milliseconds since 1970-01-01T00:00:00Z.
    begun_at       INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    -- intent: no byte of the body has gone out; body: bytes may have; settled: it has an outcome.
    phase          TEXT    NOT NULL CHECK (phase IN ('intent', 'body', 'settled')),
    -- Whether some attempt may have been taken, and nothing has proved it.
    doubt          INTEGER NOT NULL DEFAULT 0 CHECK (doubt IN (0, 1)),
    outcome        TEXT    CHECK (outcome IN
                       ('accepted', 'rejected', 'unknown', 'skipped', 'already-uploaded')),
    code           TEXT,
    http_status    INTEGER,
    statement_id   TEXT,
    -- What the service answered, as JSON, without personal data.
    answer         TEXT,
    -- Codes that the service gave the statement or its account after the upload.
    later_codes    TEXT    NOT NULL DEFAULT '',
    -- Months as YYYY-MM, separated by spaces.
    months         TEXT    NOT NULL DEFAULT '',
    missing_months TEXT    NOT NULL DEFAULT '',
    settled_at     INTEGER,
    -- Whether details were removed because of their age. The protection stays.
    pruned         INTEGER NOT NULL DEFAULT 0 CHECK (pruned IN (0, 1)),
    -- Over all other columns; a damaged row is never used.
    checksum       INTEGER NOT NULL DEFAULT 0,
    CHECK ((phase = 'settled') = (outcome IS NOT NULL)),
    CHECK ((phase = 'settled') = (settled_at IS NOT NULL)),
    UNIQUE (content, session, owner)
) STRICT;

INSERT INTO uploads_with_owner
    (id, owner, session, content, name, bytes, bank, account, begun_at, attempts, phase, doubt,
     outcome, code, http_status, statement_id, months, missing_months, settled_at)
SELECT
     id, '', session, content, name, bytes, bank, account, begun_at, attempts, phase, doubt,
     outcome, code, http_status, statement_id, months, missing_months, settled_at
FROM uploads ORDER BY id;
DROP TABLE uploads;
ALTER TABLE uploads_with_owner RENAME TO uploads;

CREATE INDEX uploads_by_session ON uploads (session, owner);
CREATE INDEX uploads_by_statement ON uploads (statement_id) WHERE statement_id IS NOT NULL;

-- Sessions in the order in which they were used for a request, the latest last.
CREATE TABLE sessions_with_owner (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    owner     TEXT    NOT NULL,
    -- SHA-256, lower-case hex, of what the call asked for: it may hold a customer's name.
    request   TEXT    NOT NULL CHECK (length(request) = 64),
    -- SHA-256, lower-case hex, of the link ID alone, by which the history finds it.
    link      TEXT,
    session   TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    -- The period that the session was created with, as YYYY-MM-DD, where it is known.
    first_day TEXT,
    last_day  TEXT,
    -- open: it may accept uploads; ended: the service refused it as expired, deleted or unknown;
    -- forgotten: by the user; foreign: it belongs to another key.
    state     TEXT    NOT NULL DEFAULT 'open'
                  CHECK (state IN ('open', 'ended', 'forgotten', 'foreign')),
    checksum  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (request, session, owner)
) STRICT;

INSERT INTO sessions_with_owner (owner, request, session, at, first_day, last_day)
SELECT '', request, session, at, first_day, last_day FROM sessions ORDER BY at;
DROP TABLE sessions;
ALTER TABLE sessions_with_owner RENAME TO sessions;

-- Calls that screening avoided, counted once for the bytes of a file and a session.
CREATE TABLE saved_calls (
    owner   TEXT    NOT NULL,
    -- The request of the session, or the session, if there was one.
    scope   TEXT    NOT NULL,
    content TEXT    NOT NULL CHECK (length(content) = 64),
    code    TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (owner, scope, content)
) STRICT, WITHOUT ROWID;

-- Until when the service asked a key to send nothing.
CREATE TABLE waits (
    owner TEXT    PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT;

-- The number of commits, which a file beside the database repeats: so a lost commit is noticed.
CREATE TABLE commits (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO commits (id, number) VALUES (1, 0);
