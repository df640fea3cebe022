-- Accounts, their passwords' hashes, signing keys, the first admin's secret, the audit trail, the change feed.

CREATE TABLE account (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- The mapped form of RFC 8265, so that being unique disregards case and width.
    username    TEXT    NOT NULL UNIQUE,
    email       TEXT    NOT NULL,
    status      TEXT    NOT NULL CHECK (status IN ('active', 'disabled')),
    -- Names separated by single spaces.
    roles       TEXT    NOT NULL CHECK (roles <> ''),
    is_admin    INTEGER NOT NULL GENERATED ALWAYS AS (instr(' ' || roles || ' ', ' admin ') > 0) VIRTUAL,
    generation  INTEGER NOT NULL CHECK (generation >= 0),
    -- The one token (its `jti`) that outlived the last raising of the generation.
    kept_token  TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keeps the last-admin rule from reading every account.
CREATE INDEX account_admins ON account (status) WHERE is_admin;

-- Apart from the account, so that no query for an account can bring a hash along.
CREATE TABLE password (
    account_id  BLOB NOT NULL PRIMARY KEY REFERENCES account (id),
    hash        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_key (
    kid             TEXT    NOT NULL PRIMARY KEY,
    algorithm       TEXT    NOT NULL,
    sealed          BLOB    NOT NULL,
    public_jwk      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    active_from     INTEGER NOT NULL,
    -- NULL while the key signs.
    accepted_until  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE first_admin_offer (
    only        INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    secret      BLOB    NOT NULL CHECK (length(secret) = 32),
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TRIGGER first_admin_void_by_insert AFTER INSERT ON account WHEN new.is_admin
BEGIN
    DELETE FROM first_admin_offer;
END;

CREATE TRIGGER first_admin_void_by_update AFTER UPDATE OF roles ON account WHEN new.is_admin
BEGIN
    DELETE FROM first_admin_offer;
END;

-- What changed accounts and keys: kept for good.
CREATE TABLE audit_change (
    number  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    target  TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_change_is_not_rewritten BEFORE UPDATE ON audit_change
BEGIN
    SELECT raise(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER audit_change_is_not_removed BEFORE DELETE ON audit_change
BEGIN
    SELECT raise(ABORT, 'the audit trail is append-only');
END;

-- How sign-ins came out. Anybody can cause these, so they are bounded.
CREATE TABLE audit_sign_in (
    number  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    target  TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_sign_in_is_bounded AFTER INSERT ON audit_sign_in
BEGIN
    DELETE FROM audit_sign_in WHERE number <= new.number - 100000;
END;

-- Which accounts have changed, for the caches of every process; a NULL stands for the signing keys. Filled by
-- triggers, so that a change made with any tool is noticed.
CREATE TABLE change (
    number   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account  BLOB
) STRICT;

CREATE TRIGGER change_is_bounded AFTER INSERT ON change
BEGIN
    DELETE FROM change WHERE number <= new.number - 1000;
END;

CREATE TRIGGER account_changed AFTER UPDATE OF username, email, status, roles, generation ON account
BEGIN
    INSERT INTO change (account) VALUES (new.id);
END;

CREATE TRIGGER account_removed AFTER DELETE ON account
BEGIN
    INSERT INTO change (account) VALUES (old.id);
END;

CREATE TRIGGER signing_key_added AFTER INSERT ON signing_key
BEGIN
    INSERT INTO change (account) VALUES (NULL);
END;

CREATE TRIGGER signing_key_changed AFTER UPDATE ON signing_key
BEGIN
    INSERT INTO change (account) VALUES (NULL);
END;

CREATE TRIGGER signing_key_removed AFTER DELETE ON signing_key
BEGIN
    INSERT INTO change (account) VALUES (NULL);
END;
