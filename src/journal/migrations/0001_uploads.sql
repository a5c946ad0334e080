-- The first shape of the journal. Migrations are only ever added, never changed.

-- "BSJL": tells this database from any other.
PRAGMA application_id = 1112754764;

-- One row for the bytes of a file in a session, from before the first byte goes out.
CREATE TABLE uploads (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256, lower-case hex.
    content        TEXT    NOT NULL CHECK (length(content) = 64),
    session        TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    bytes          INTEGER NOT NULL,
    bank           TEXT,
    -- Masked but for four characters.
    account        TEXT,
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
    -- Months as YYYY-MM, separated by spaces.
    months         TEXT    NOT NULL DEFAULT '',
    missing_months TEXT    NOT NULL DEFAULT '',
    settled_at     INTEGER,
    CHECK ((phase = 'settled') = (outcome IS NOT NULL)),
    CHECK ((phase = 'settled') = (settled_at IS NOT NULL)),
    UNIQUE (content, session)
) STRICT;

-- What the screenings of a run came to.
CREATE TABLE runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    files       INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    calls_saved INTEGER NOT NULL
) STRICT;
