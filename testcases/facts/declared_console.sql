-- declared_console: the debug port of the board as the laboratory wired it.
CREATE TABLE declared_console (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: console
  kind TEXT NOT NULL CHECK (kind IN ('serial', 'tcp', 'unknown')),  -- value: a tty of this machine or a console server
  baud INTEGER NOT NULL,  -- value: bits a second of a tty, 0 for a console server
  power_cycle TEXT NOT NULL CHECK (power_cycle IN ('yes', 'no', 'unknown')),  -- value: whether a hook can cut the power
  UNIQUE (subject)
) STRICT;
