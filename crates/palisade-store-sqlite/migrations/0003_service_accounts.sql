-- Whom an account is for. A service has no row in `password`; nobody could sign in as one, so it is never an admin.

ALTER TABLE account ADD COLUMN kind TEXT NOT NULL DEFAULT 'person'
    CHECK (kind = 'person' OR (kind = 'service' AND NOT is_admin));
