-- tenant_id leads every primary key and nearly every index, so that the rows of a merchant lie together on engines
-- that spread them; api_key is found by its own id, which is how the tenant becomes known.
-- Times are milliseconds since the Unix epoch, set by the vault. Texts compare byte by byte (COLLATE "C").
-- Every statement may run again, and none relies on another being in the same transaction.

CREATE TABLE IF NOT EXISTS merchant (
    tenant_id     text COLLATE "C" NOT NULL,
    created_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id)
);

CREATE TABLE IF NOT EXISTS api_key (
    id            text COLLATE "C" NOT NULL,
    tenant_id     text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    mac           bytea NOT NULL,
    origins       text COLLATE "C" NOT NULL,
    created_at_ms bigint NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS data_key (
    tenant_id     text COLLATE "C" NOT NULL,
    purpose       text COLLATE "C" NOT NULL,
    version       bigint NOT NULL,
    wrapped       bytea NOT NULL,
    created_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, purpose, version)
);

CREATE TABLE IF NOT EXISTS sealing_key (
    tenant_id     text COLLATE "C" NOT NULL,
    id            bytea NOT NULL,
    wrapped       bytea NOT NULL,
    created_at_ms bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE IF NOT EXISTS token (
    tenant_id     text COLLATE "C" NOT NULL,
    mac           bytea NOT NULL,
    attempt_mac   bytea,
    dialect       text COLLATE "C" NOT NULL,
    display       text COLLATE "C" NOT NULL,
    sealed        bytea,
    state         text COLLATE "C" NOT NULL,
    issued_at_ms  bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, mac)
);

-- For the sweep, which is the only one that asks for all merchants at once.
CREATE INDEX IF NOT EXISTS token_by_state ON token (state, expires_at_ms);

CREATE INDEX IF NOT EXISTS token_by_expiry ON token (expires_at_ms);

CREATE TABLE IF NOT EXISTS attempt (
    tenant_id     text COLLATE "C" NOT NULL,
    mac           bytea NOT NULL,
    sealed        bytea,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, mac)
);

CREATE INDEX IF NOT EXISTS attempt_by_expiry ON attempt (expires_at_ms);

CREATE TABLE IF NOT EXISTS customer (
    tenant_id                   text COLLATE "C" NOT NULL,
    id                          text COLLATE "C" NOT NULL,
    first_name                  text COLLATE "C",
    last_name                   text COLLATE "C",
    company                     text COLLATE "C",
    email                       text COLLATE "C",
    phone                       text COLLATE "C",
    description                 text COLLATE "C",
    notes                       text COLLATE "C",
    reference                   text COLLATE "C",
    flags                       text COLLATE "C" NOT NULL,
    metadata                    text COLLATE "C" NOT NULL,
    extra                       text COLLATE "C" NOT NULL,
    default_payment_method_id   text COLLATE "C",
    default_billing_address_id  text COLLATE "C",
    default_shipping_address_id text COLLATE "C",
    created_at_ms               bigint NOT NULL,
    updated_at_ms               bigint NOT NULL,
    archived_at_ms              bigint,
    version                     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX IF NOT EXISTS customer_by_creation ON customer (tenant_id, created_at_ms, id);

CREATE TABLE IF NOT EXISTS address (
    tenant_id     text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    customer_id   text COLLATE "C" NOT NULL,
    first_name    text COLLATE "C",
    last_name     text COLLATE "C",
    company       text COLLATE "C",
    line_1        text COLLATE "C",
    line_2        text COLLATE "C",
    city          text COLLATE "C",
    state         text COLLATE "C",
    postal_code   text COLLATE "C",
    country       text COLLATE "C",
    email         text COLLATE "C",
    phone         text COLLATE "C",
    fax           text COLLATE "C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX IF NOT EXISTS address_by_customer ON address (tenant_id, customer_id, created_at_ms, id);

-- last4 is that of display, in a column so that it can be searched.
CREATE TABLE IF NOT EXISTS payment_method (
    tenant_id      text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    customer_id    text COLLATE "C",
    kind           text COLLATE "C" NOT NULL,
    display        text COLLATE "C" NOT NULL,
    last4          text COLLATE "C",
    sealed         bytea NOT NULL,
    sealed_at_ms   bigint NOT NULL,
    name           text COLLATE "C",
    flags          text COLLATE "C" NOT NULL,
    extra          text COLLATE "C" NOT NULL,
    fingerprint    text COLLATE "C" NOT NULL,
    from_token_mac bytea,
    created_at_ms  bigint NOT NULL,
    updated_at_ms  bigint NOT NULL,
    archived_at_ms bigint,
    version        bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, from_token_mac)
);

CREATE INDEX IF NOT EXISTS payment_method_by_creation ON payment_method (tenant_id, created_at_ms, id);

CREATE INDEX IF NOT EXISTS payment_method_by_customer ON payment_method (tenant_id, customer_id, created_at_ms, id);

-- Amounts are in minor units of the currency. No column holds any of a card's digits.
CREATE TABLE IF NOT EXISTS payment (
    tenant_id         text COLLATE "C" NOT NULL,
    id                text COLLATE "C" NOT NULL,
    face              text COLLATE "C" NOT NULL,
    customer_id       text COLLATE "C",
    payment_method_id text COLLATE "C",
    kind              text COLLATE "C" NOT NULL,
    amount_minor      bigint NOT NULL,
    currency          text COLLATE "C" NOT NULL,
    capture           text COLLATE "C" NOT NULL,
    outcome           text COLLATE "C" NOT NULL,
    processor         text COLLATE "C" NOT NULL,
    reference         text COLLATE "C",
    description       text COLLATE "C",
    metadata          text COLLATE "C" NOT NULL,
    extra             text COLLATE "C" NOT NULL,
    created_at_ms     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX IF NOT EXISTS payment_by_creation ON payment (tenant_id, created_at_ms, id);

CREATE INDEX IF NOT EXISTS payment_by_customer ON payment (tenant_id, customer_id, created_at_ms, id);

CREATE TABLE IF NOT EXISTS document (
    tenant_id     text COLLATE "C" NOT NULL,
    collection    text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    body          text COLLATE "C" NOT NULL,
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    version       bigint NOT NULL,
    PRIMARY KEY (tenant_id, collection, id)
);

CREATE INDEX IF NOT EXISTS document_by_creation ON document (tenant_id, collection, created_at_ms, id);

CREATE TABLE IF NOT EXISTS remembered (
    tenant_id     text COLLATE "C" NOT NULL,
    mac           bytea NOT NULL,
    digest        bytea NOT NULL,
    sealed        bytea NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, mac)
);

CREATE INDEX IF NOT EXISTS remembered_by_expiry ON remembered (expires_at_ms);

-- The last write of each of a vault's writing slots, by merchant: written in the same transaction as what it claims,
-- so that the outcome of a COMMIT whose answer was lost can be looked up.
CREATE TABLE IF NOT EXISTS claim (
    tenant_id     text COLLATE "C" NOT NULL,
    slot          text COLLATE "C" NOT NULL,
    id            bytea NOT NULL,
    claimed_at_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, slot)
);
