-- Roles that are made while the server runs, who holds them, and who belongs to which tenant.
--
-- `session.roles` keeps its name, for the sake of a server that runs while this is done: where an account has more than its
-- built-in roles, a digest of all it may do stands behind their names.

CREATE TABLE role (
    -- Of a built-in role: what was added to it.
    name      TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 40),
    -- Names separated by single spaces, both.
    includes  TEXT NOT NULL CHECK (includes = '' OR name NOT IN ('user', 'editor', 'admin')),
    scopes    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The stored roles an account holds everywhere. The built-in ones stand in `account`.
CREATE TABLE account_role (
    account_id  BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role        TEXT NOT NULL REFERENCES role (name) CHECK (role NOT IN ('user', 'editor', 'admin')),
    PRIMARY KEY (account_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_role_by_role ON account_role (role);

CREATE TABLE member (
    tenant      TEXT NOT NULL CHECK (length(tenant) BETWEEN 1 AND 64),
    account_id  BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (tenant, account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_by_account ON member (account_id);

-- The roles, stored or built-in, that a member holds in its tenant.
CREATE TABLE member_role (
    tenant      TEXT NOT NULL,
    account_id  BLOB NOT NULL,
    role        TEXT NOT NULL,
    PRIMARY KEY (tenant, account_id, role),
    FOREIGN KEY (tenant, account_id) REFERENCES member (tenant, account_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX member_role_by_role ON member_role (role);

-- 1 where the stored roles have changed; what an account was given is a change of the account.
ALTER TABLE change ADD COLUMN roles INTEGER;

CREATE TRIGGER role_added AFTER INSERT ON role
BEGIN
    INSERT INTO change (roles) VALUES (1);
END;

CREATE TRIGGER role_changed AFTER UPDATE ON role
BEGIN
    INSERT INTO change (roles) VALUES (1);
END;

CREATE TRIGGER role_removed AFTER DELETE ON role
BEGIN
    INSERT INTO change (roles) VALUES (1);
END;

CREATE TRIGGER account_role_added AFTER INSERT ON account_role
BEGIN
    INSERT INTO change (account) VALUES (new.account_id);
END;

CREATE TRIGGER account_role_changed AFTER UPDATE ON account_role
BEGIN
    INSERT INTO change (account) VALUES (old.account_id), (new.account_id);
END;

CREATE TRIGGER account_role_removed AFTER DELETE ON account_role
BEGIN
    INSERT INTO change (account) VALUES (old.account_id);
END;

CREATE TRIGGER member_added AFTER INSERT ON member
BEGIN
    INSERT INTO change (account) VALUES (new.account_id);
END;

CREATE TRIGGER member_changed AFTER UPDATE ON member
BEGIN
    INSERT INTO change (account) VALUES (old.account_id), (new.account_id);
END;

CREATE TRIGGER member_removed AFTER DELETE ON member
BEGIN
    INSERT INTO change (account) VALUES (old.account_id);
END;

CREATE TRIGGER member_role_added AFTER INSERT ON member_role
BEGIN
    INSERT INTO change (account) VALUES (new.account_id);
END;

CREATE TRIGGER member_role_changed AFTER UPDATE ON member_role
BEGIN
    INSERT INTO change (account) VALUES (old.account_id), (new.account_id);
END;

CREATE TRIGGER member_role_removed AFTER DELETE ON member_role
BEGIN
    INSERT INTO change (account) VALUES (old.account_id);
END;
