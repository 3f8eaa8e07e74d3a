-- Every restored backup begins a new epoch: tokens, attempts and kept answers of an older one are over. Rows without one
-- are of the first, which has the number 0 and no row here.

CREATE TABLE IF NOT EXISTS epoch (
    tenant_id   text   COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    begun_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

ALTER TABLE token ADD COLUMN IF NOT EXISTS epoch bigint;

ALTER TABLE attempt ADD COLUMN IF NOT EXISTS epoch bigint;

ALTER TABLE remembered ADD COLUMN IF NOT EXISTS epoch bigint;
