-- A keyed hash over all columns of a row, which nobody can make who has only the database; and in the audit log, the
-- beginnings of the hashes of the rows that a write made and took away. Rows from before get theirs at the first start.

ALTER TABLE merchant ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE api_key ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE data_key ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE sealing_key ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE token ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE attempt ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE customer ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE address ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE payment_method ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE payment ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE document ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE remembered ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE epoch ADD COLUMN IF NOT EXISTS row_mac bytea;

ALTER TABLE audit ADD COLUMN IF NOT EXISTS marks bytea;
