-- What else can change: a row names an account, a session or an API key; one that names nothing is the signing keys.

ALTER TABLE change ADD COLUMN session BLOB;
ALTER TABLE change ADD COLUMN api_key BLOB;
