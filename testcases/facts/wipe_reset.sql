-- wipe_reset: how the device was reset and came back.
CREATE TABLE wipe_reset (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: lan
  way TEXT NOT NULL CHECK (way IN ('call', 'hook', 'unknown')),  -- value: by the interface of the device, or by the hook factory-reset
  done TEXT NOT NULL CHECK (done IN ('yes', 'no', 'unknown')),  -- value: whether the device, or the hook, said that it is done
  alive TEXT NOT NULL CHECK (alive IN ('yes', 'no', 'unknown')),  -- value: whether it answered again
  set_up TEXT NOT NULL CHECK (set_up IN ('yes', 'no', 'unknown')),  -- value: whether the declared login was accepted again at the end
  UNIQUE (subject)
) STRICT;
