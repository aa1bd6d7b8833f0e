-- secret_sought: a secret of which the tester knows the value, looked for in pages.
CREATE TABLE secret_sought (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  whose TEXT NOT NULL,  -- key: account, or name of the planted value
  kind TEXT NOT NULL CHECK (kind IN ('password', 'factory-password', 'planted', 'unknown')),  -- key: what it is
  sought TEXT NOT NULL CHECK (sought IN ('yes', 'no', 'unknown')),  -- value: no: too short or too plain to be told from an ordinary word
  UNIQUE (whose, kind)
) STRICT;
