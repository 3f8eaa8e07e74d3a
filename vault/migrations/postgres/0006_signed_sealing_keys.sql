-- From when on a sealing key may be used, and what a root has signed of it. Keys that are older than this are published no
-- more, and open what was sealed to them.

ALTER TABLE sealing_key ADD COLUMN IF NOT EXISTS starts_at_ms bigint NOT NULL DEFAULT 0;

ALTER TABLE sealing_key ADD COLUMN IF NOT EXISTS statement text COLLATE "C";

UPDATE sealing_key SET starts_at_ms = created_at_ms WHERE starts_at_ms = 0;
