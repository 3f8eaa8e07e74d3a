-- What a key may be used for, and until when. Keys without scopes are older than these: they have all of their kind.

ALTER TABLE api_key ADD COLUMN scopes TEXT;
ALTER TABLE api_key ADD COLUMN expires_at_ms INTEGER;
ALTER TABLE api_key ADD COLUMN revoked_at_ms INTEGER;
