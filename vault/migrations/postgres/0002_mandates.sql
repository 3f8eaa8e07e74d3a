-- What the owner of a bank account agreed to: the text, what it was made of, when, and the hash, as JSON.

ALTER TABLE token ADD COLUMN IF NOT EXISTS mandate text COLLATE "C";

ALTER TABLE payment_method ADD COLUMN IF NOT EXISTS mandate text COLLATE "C";
