-- product_information: a part of its identity that the device shows.
CREATE TABLE product_information (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  field TEXT NOT NULL CHECK (field IN ('model', 'firmware', 'unknown')),  -- key: which part
  subject TEXT NOT NULL,  -- key: where, lan:tcp/443
  path TEXT NOT NULL,  -- key: where
  shown TEXT NOT NULL CHECK (shown IN ('as-declared', 'different', 'nothing', 'unknown')),  -- value: whether the declared value was found there
  text TEXT NOT NULL,  -- value: what was shown, printable, at most 200 bytes
  UNIQUE (field, subject, path)
) STRICT;
