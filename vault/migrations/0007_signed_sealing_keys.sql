-- From when on a sealing key may be used, and what a root has signed of it. Keys that are older than this are published no
-- more, and open what was sealed to them.

ALTER TABLE sealing_key ADD COLUMN starts_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sealing_key ADD COLUMN statement TEXT;
UPDATE sealing_key SET starts_at_ms = created_at_ms;
