-- Every restored backup begins a new epoch: tokens, attempts and kept answers of an older one are over. Rows without one
-- are of the first, which has the number 0 and no row here.
CREATE TABLE epoch (
    tenant_id   TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    begun_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;

ALTER TABLE token ADD COLUMN epoch INTEGER;
ALTER TABLE attempt ADD COLUMN epoch INTEGER;
ALTER TABLE remembered ADD COLUMN epoch INTEGER;
