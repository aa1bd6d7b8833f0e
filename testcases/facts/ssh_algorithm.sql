-- ssh_algorithm: an algorithm that an SSH server offers in KEXINIT.
CREATE TABLE ssh_algorithm (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  category TEXT NOT NULL CHECK (category IN ('kex', 'host-key', 'cipher', 'mac', 'compression', 'unknown')),  -- key: which list
  direction TEXT NOT NULL CHECK (direction IN ('both', 'client-to-server', 'server-to-client', 'unknown')),  -- key: to or from the server
  name TEXT NOT NULL,  -- key: algorithm name
  preference INTEGER NOT NULL,  -- value: 1 is first
  UNIQUE (subject, category, direction, name)
) STRICT;
