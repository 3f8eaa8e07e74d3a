-- Payments, what only one face knows, and answers that are given again.

ALTER TABLE customer ADD COLUMN extra TEXT NOT NULL DEFAULT '{}';
ALTER TABLE customer ADD COLUMN archived_at_ms INTEGER;

ALTER TABLE payment_method ADD COLUMN name TEXT;
ALTER TABLE payment_method ADD COLUMN extra TEXT NOT NULL DEFAULT '{}';
ALTER TABLE payment_method ADD COLUMN archived_at_ms INTEGER;

-- Amounts are in minor units of the currency. No column holds any of a card's digits.
CREATE TABLE payment (
    tenant_id         TEXT    NOT NULL,
    id                TEXT    NOT NULL,
    face              TEXT    NOT NULL,
    customer_id       TEXT,
    payment_method_id TEXT,
    kind              TEXT    NOT NULL,
    amount_minor      INTEGER NOT NULL,
    currency          TEXT    NOT NULL,
    capture           TEXT    NOT NULL,
    outcome           TEXT    NOT NULL,
    processor         TEXT    NOT NULL,
    reference         TEXT,
    description       TEXT,
    metadata          TEXT    NOT NULL,
    extra             TEXT    NOT NULL,
    created_at_ms     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX payment_by_creation ON payment (tenant_id, created_at_ms DESC, id DESC);
CREATE INDEX payment_by_customer ON payment (tenant_id, customer_id, created_at_ms DESC, id DESC);

CREATE TABLE document (
    tenant_id     TEXT    NOT NULL,
    collection    TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, collection, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX document_by_creation ON document (tenant_id, collection, created_at_ms DESC, id DESC);

CREATE TABLE remembered (
    tenant_id     TEXT    NOT NULL,
    mac           BLOB    NOT NULL,
    digest        BLOB    NOT NULL,
    sealed        BLOB    NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, mac)
) STRICT, WITHOUT ROWID;

CREATE INDEX remembered_by_expiry ON remembered (expires_at_ms);
