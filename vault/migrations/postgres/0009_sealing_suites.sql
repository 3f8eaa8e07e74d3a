-- The suite of a sealing key, by its number. Null is the first one, X25519.

ALTER TABLE sealing_key ADD COLUMN IF NOT EXISTS suite bigint;
