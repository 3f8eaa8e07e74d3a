-- A keyed hash over all columns of a row, which nobody can make who has only the database; and in the audit log, the
-- beginnings of the hashes of the rows that a write made and took away. Rows from before get theirs at the first start.

ALTER TABLE merchant ADD COLUMN row_mac BLOB;
ALTER TABLE api_key ADD COLUMN row_mac BLOB;
ALTER TABLE data_key ADD COLUMN row_mac BLOB;
ALTER TABLE sealing_key ADD COLUMN row_mac BLOB;
ALTER TABLE token ADD COLUMN row_mac BLOB;
ALTER TABLE attempt ADD COLUMN row_mac BLOB;
ALTER TABLE customer ADD COLUMN row_mac BLOB;
ALTER TABLE address ADD COLUMN row_mac BLOB;
ALTER TABLE payment_method ADD COLUMN row_mac BLOB;
ALTER TABLE payment ADD COLUMN row_mac BLOB;
ALTER TABLE document ADD COLUMN row_mac BLOB;
ALTER TABLE remembered ADD COLUMN row_mac BLOB;
ALTER TABLE epoch ADD COLUMN row_mac BLOB;

ALTER TABLE audit ADD COLUMN marks BLOB;
