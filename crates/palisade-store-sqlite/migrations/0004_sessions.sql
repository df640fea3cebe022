-- Browser sessions.

CREATE TABLE session (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id       BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- SHA-256 of the secret, and of the one before it.
    secret           BLOB    NOT NULL CHECK (length(secret) = 32),
    former_secret    BLOB    CHECK (length(former_secret) = 32),
    former_until     INTEGER CHECK ((former_until IS NULL) = (former_secret IS NULL)),
    -- The account's when the secret was drawn: names separated by single spaces.
    roles            TEXT    NOT NULL CHECK (roles <> ''),
    generation       INTEGER NOT NULL CHECK (generation >= 0),
    created_at       INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    last_seen        INTEGER NOT NULL,
    user_agent       TEXT    NOT NULL,
    address          TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_last_seen ON session (last_seen);
CREATE INDEX session_created_at ON session (created_at);

-- When a session was last seen is no change: no cache holds it.
CREATE TRIGGER session_changed
AFTER UPDATE OF account_id, secret, former_secret, former_until, roles, generation, created_at, authenticated_at ON session
BEGIN
    INSERT INTO change (session) VALUES (new.id);
END;

CREATE TRIGGER session_removed AFTER DELETE ON session
BEGIN
    INSERT INTO change (session) VALUES (old.id);
END;

-- What has ended with the generation does not stay: where somebody was, and with what, is nobody's business any more.
CREATE TRIGGER sessions_end_with_the_generation AFTER UPDATE OF generation ON account WHEN new.generation <> old.generation
BEGIN
    DELETE FROM session
    WHERE account_id = new.id AND lower(hex(id)) <> coalesce(replace(new.kept_token, '-', ''), '');
END;
