-- What a key may be used for, and until when. Keys without scopes are older than these: they have all of their kind.

ALTER TABLE api_key ADD COLUMN IF NOT EXISTS scopes text COLLATE "C";

ALTER TABLE api_key ADD COLUMN IF NOT EXISTS expires_at_ms bigint;

ALTER TABLE api_key ADD COLUMN IF NOT EXISTS revoked_at_ms bigint;
