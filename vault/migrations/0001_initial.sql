-- tenant_id leads every primary key; api_key is found by its own id, which is how the tenant becomes known.
-- Times are milliseconds since the Unix epoch, set by the vault.

CREATE TABLE merchant (
    tenant_id     TEXT    NOT NULL PRIMARY KEY,
    created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    id            TEXT    NOT NULL PRIMARY KEY,
    tenant_id     TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    mac           BLOB    NOT NULL,
    origins       TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE data_key (
    tenant_id     TEXT    NOT NULL,
    purpose       TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    wrapped       BLOB    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, purpose, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE sealing_key (
    tenant_id     TEXT    NOT NULL,
    id            BLOB    NOT NULL,
    wrapped       BLOB    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    tenant_id     TEXT    NOT NULL,
    mac           BLOB    NOT NULL,
    attempt_mac   BLOB,
    dialect       TEXT    NOT NULL,
    display       TEXT    NOT NULL,
    sealed        BLOB,
    state         TEXT    NOT NULL,
    issued_at_ms  INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, mac)
) STRICT, WITHOUT ROWID;

CREATE INDEX token_by_expiry ON token (expires_at_ms);
CREATE INDEX token_unswept ON token (expires_at_ms) WHERE state = 'issued';

CREATE TABLE attempt (
    tenant_id     TEXT    NOT NULL,
    mac           BLOB    NOT NULL,
    sealed        BLOB,
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, mac)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempt_by_expiry ON attempt (expires_at_ms);

CREATE TABLE customer (
    tenant_id                   TEXT    NOT NULL,
    id                          TEXT    NOT NULL,
    first_name                  TEXT,
    last_name                   TEXT,
    company                     TEXT,
    email                       TEXT,
    phone                       TEXT,
    description                 TEXT,
    notes                       TEXT,
    reference                   TEXT,
    flags                       TEXT    NOT NULL,
    metadata                    TEXT    NOT NULL,
    default_payment_method_id   TEXT,
    default_billing_address_id  TEXT,
    default_shipping_address_id TEXT,
    created_at_ms               INTEGER NOT NULL,
    updated_at_ms               INTEGER NOT NULL,
    version                     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX customer_by_creation ON customer (tenant_id, created_at_ms DESC, id DESC);

CREATE TABLE address (
    tenant_id     TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    customer_id   TEXT    NOT NULL,
    first_name    TEXT,
    last_name     TEXT,
    company       TEXT,
    line_1        TEXT,
    line_2        TEXT,
    city          TEXT,
    state         TEXT,
    postal_code   TEXT,
    country       TEXT,
    email         TEXT,
    phone         TEXT,
    fax           TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX address_by_customer ON address (tenant_id, customer_id, created_at_ms, id);

CREATE TABLE payment_method (
    tenant_id      TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    customer_id    TEXT,
    kind           TEXT    NOT NULL,
    display        TEXT    NOT NULL,
    sealed         BLOB    NOT NULL,
    sealed_at_ms   INTEGER NOT NULL,
    flags          TEXT    NOT NULL,
    fingerprint    TEXT    NOT NULL,
    from_token_mac BLOB,
    created_at_ms  INTEGER NOT NULL,
    updated_at_ms  INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, from_token_mac)
) STRICT, WITHOUT ROWID;

CREATE INDEX payment_method_by_creation ON payment_method (tenant_id, created_at_ms DESC, id DESC);
CREATE INDEX payment_method_by_customer ON payment_method (tenant_id, customer_id, created_at_ms DESC, id DESC);
