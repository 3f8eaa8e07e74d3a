-- The version of a merchant's look-up key that a row was written with. Rows without one are of the first: so rows of the
-- first version have the hash that they always had.

ALTER TABLE token ADD COLUMN lookup_version INTEGER;
ALTER TABLE attempt ADD COLUMN lookup_version INTEGER;
ALTER TABLE remembered ADD COLUMN lookup_version INTEGER;
ALTER TABLE api_key ADD COLUMN lookup_version INTEGER;
ALTER TABLE payment_method ADD COLUMN fingerprint_version INTEGER;
