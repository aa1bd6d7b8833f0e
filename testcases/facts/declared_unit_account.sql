-- declared_unit_account: the declared factory passwords of two units for one account, compared.
CREATE TABLE declared_unit_account (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  account TEXT NOT NULL,  -- key: its name
  factory TEXT NOT NULL CHECK (factory IN ('same', 'different', 'missing', 'unknown')),  -- value: the passwords; missing: one unit's is not declared
  UNIQUE (account)
) STRICT;
