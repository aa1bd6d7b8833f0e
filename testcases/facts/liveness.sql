-- liveness: whether the device answered and was the same at a moment of the run.
CREATE TABLE liveness (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  moment TEXT NOT NULL,  -- key: before or after which procedure
  alive TEXT NOT NULL CHECK (alive IN ('yes', 'no', 'unknown')),  -- value: whether a reference service answered
  identity TEXT NOT NULL CHECK (identity IN ('same', 'changed', 'not-checked', 'unknown')),  -- value: whether its fingerprints are those of the first moment
  connect_us INTEGER NOT NULL,  -- volatile: time of a TCP connect, microseconds
  UNIQUE (moment)
) STRICT;
