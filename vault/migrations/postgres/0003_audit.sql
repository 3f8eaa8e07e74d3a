-- What was done, by whom. Rows of a chain follow each other: mac is keyed and covers the one before. No column holds any
-- of a card's digits, a token or a key.

CREATE TABLE IF NOT EXISTS audit (
    tenant_id text COLLATE "C" NOT NULL,
    chain     bigint NOT NULL,
    seq       bigint NOT NULL,
    at_ms     bigint NOT NULL,
    actor     text COLLATE "C" NOT NULL,
    action    text COLLATE "C" NOT NULL,
    object    text COLLATE "C" NOT NULL,
    request   text COLLATE "C" NOT NULL,
    mac       bytea NOT NULL,
    PRIMARY KEY (tenant_id, chain, seq)
);
