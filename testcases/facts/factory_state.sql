-- factory_state: how the device was brought to its factory state and back.
CREATE TABLE factory_state (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  step TEXT NOT NULL CHECK (step IN ('to-factory', 'to-normal', 'unknown')),  -- key: which step
  done TEXT NOT NULL CHECK (done IN ('yes', 'no', 'unknown')),  -- value: whether it was done and seen
  UNIQUE (step)
) STRICT;
