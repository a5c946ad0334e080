-- Sessions that a call created, so that the same call goes on in the same session.
CREATE TABLE sessions (
    -- SHA-256, lower-case hex, of what the call asked for: it may hold a customer's name.
    request TEXT    PRIMARY KEY CHECK (length(request) = 64),
    session TEXT    NOT NULL,
    -- Milliseconds since 1970-01-01T00:00:00Z.
    at      INTEGER NOT NULL
) STRICT;
