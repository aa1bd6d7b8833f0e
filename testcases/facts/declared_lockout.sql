-- declared_lockout: what the maker says happens after failed logins.
CREATE TABLE declared_lockout (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  scope TEXT NOT NULL CHECK (scope IN ('device', 'unknown')),  -- key: always device
  failures INTEGER NOT NULL,  -- value: wrong tries in a row until the block, 0 if not declared
  block_seconds INTEGER NOT NULL,  -- value: length of the block, 0 if not declared
  counts TEXT NOT NULL CHECK (counts IN ('account', 'address', 'both', 'unknown')),  -- value: what the count belongs to
  UNIQUE (scope)
) STRICT;
