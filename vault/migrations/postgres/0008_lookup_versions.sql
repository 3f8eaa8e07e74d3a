-- The version of a merchant's look-up key that a row was written with. Rows without one are of the first: so rows of the
-- first version have the hash that they always had.

ALTER TABLE token ADD COLUMN IF NOT EXISTS lookup_version bigint;

ALTER TABLE attempt ADD COLUMN IF NOT EXISTS lookup_version bigint;

ALTER TABLE remembered ADD COLUMN IF NOT EXISTS lookup_version bigint;

ALTER TABLE api_key ADD COLUMN IF NOT EXISTS lookup_version bigint;

ALTER TABLE payment_method ADD COLUMN IF NOT EXISTS fingerprint_version bigint;
