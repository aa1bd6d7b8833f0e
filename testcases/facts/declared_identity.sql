-- declared_identity: what the maker says the device is.
CREATE TABLE declared_identity (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  field TEXT NOT NULL CHECK (field IN ('maker', 'model', 'category', 'serial', 'hardware', 'firmware', 'unknown')),  -- key: which part of the identity
  text TEXT NOT NULL,  -- value: as declared
  UNIQUE (field)
) STRICT;
