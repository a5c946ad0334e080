-- The period that a session was created with, as YYYY-MM-DD, where it is known.
ALTER TABLE sessions ADD COLUMN first_day TEXT;
ALTER TABLE sessions ADD COLUMN last_day  TEXT;
