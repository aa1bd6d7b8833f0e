-- ssh_server: what an SSH server says of itself.
CREATE TABLE ssh_server (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  protocol TEXT NOT NULL CHECK (protocol IN ('1', '1.99', '2.0', 'unknown')),  -- value: protocol version of the banner
  software TEXT NOT NULL,  -- value: software part of the banner
  UNIQUE (subject)
) STRICT;
