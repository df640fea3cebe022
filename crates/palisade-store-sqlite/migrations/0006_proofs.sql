-- Proven addresses, and the mailed links that prove them or let somebody set another password.

-- NULL while nobody has proven that the address is theirs; such an address may be named by any number of accounts.
ALTER TABLE account ADD COLUMN email_verified_at INTEGER;

CREATE UNIQUE INDEX account_proven_email ON account (email COLLATE NOCASE) WHERE email_verified_at IS NOT NULL;

CREATE TRIGGER account_email_verified AFTER UPDATE OF email_verified_at ON account
WHEN new.email = old.email AND new.email_verified_at IS NOT old.email_verified_at
BEGIN
    INSERT INTO change (account) VALUES (new.id);
END;

CREATE TABLE proof (
    -- The SHA-256 of the token in the link; the token itself is nowhere.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    purpose     TEXT    NOT NULL CHECK (purpose IN ('verify_email', 'change_email', 'reset_password')),
    account_id  BLOB    NOT NULL REFERENCES account (id),
    -- The account's as of the making: with another generation or address the proof is void.
    generation  INTEGER NOT NULL CHECK (generation >= 0),
    email       TEXT    NOT NULL,
    -- What it proves.
    address     TEXT    NOT NULL,
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX proof_of_account ON proof (account_id, purpose, issued_at);
CREATE INDEX proof_expired ON proof (expires_at);
