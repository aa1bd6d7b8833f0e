-- declared_outbound: a peer that the device contacts by itself, as declared.
CREATE TABLE declared_outbound (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  host TEXT NOT NULL,  -- key: name or address
  port INTEGER NOT NULL,  -- key: port
  protocol TEXT NOT NULL,  -- value: as declared
  purpose TEXT NOT NULL,  -- value: as declared
  UNIQUE (host, port)
) STRICT;
