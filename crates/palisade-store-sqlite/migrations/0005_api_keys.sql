-- API keys. Of a secret only the keyed hash is here, and not even that of a key that only signs.

CREATE TABLE api_key (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id      BLOB    NOT NULL REFERENCES account (id),
    name            TEXT    NOT NULL,
    -- Names separated by single spaces.
    scopes          TEXT    NOT NULL CHECK (scopes <> ''),
    hash            BLOB    CHECK (length(hash) = 32),
    public_key      BLOB    NOT NULL CHECK (length(public_key) = 32),
    quota_requests  INTEGER CHECK (quota_requests > 0),
    quota_seconds   INTEGER CHECK (quota_seconds > 0),
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    last_used_at    INTEGER,
    -- The key may be gone already.
    replaced_by     BLOB    CHECK (length(replaced_by) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX api_key_of_account ON api_key (account_id);

CREATE TABLE api_key_revoked_link (
    api_key  BLOB NOT NULL REFERENCES api_key (id) ON DELETE CASCADE,
    link     BLOB NOT NULL CHECK (length(link) = 16),
    PRIMARY KEY (api_key, link)
) STRICT, WITHOUT ROWID;

-- All but `last_used_at`, which no request is decided by.
CREATE TRIGGER api_key_changed
AFTER UPDATE OF account_id, name, scopes, hash, public_key, quota_requests, quota_seconds, expires_at, replaced_by
ON api_key
BEGIN
    INSERT INTO change (api_key) VALUES (new.id);
END;

CREATE TRIGGER api_key_removed AFTER DELETE ON api_key
BEGIN
    INSERT INTO change (api_key) VALUES (old.id);
END;

CREATE TRIGGER api_key_link_revoked AFTER INSERT ON api_key_revoked_link
BEGIN
    INSERT INTO change (api_key) VALUES (new.api_key);
END;
