-- Whether an admin hands the link over: anybody can have links mailed, which must not push this one out.
ALTER TABLE proof ADD COLUMN handed_over INTEGER NOT NULL DEFAULT 0 CHECK (handed_over IN (0, 1));
