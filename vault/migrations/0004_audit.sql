-- What was done, by whom. Rows of a chain follow each other: mac is keyed and covers the one before. No column holds any
-- of a card's digits, a token or a key.
CREATE TABLE audit (
    tenant_id TEXT    NOT NULL,
    chain     INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    actor     TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    object    TEXT    NOT NULL,
    request   TEXT    NOT NULL,
    mac       BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, chain, seq)
) STRICT, WITHOUT ROWID;
