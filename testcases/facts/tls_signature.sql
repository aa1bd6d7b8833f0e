-- tls_signature: a signature scheme with which an endpoint signed a handshake.
CREATE TABLE tls_signature (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  version TEXT NOT NULL CHECK (version IN ('ssl2', 'ssl3', 'tls1.0', 'tls1.1', 'tls1.2', 'tls1.3', 'unknown')),  -- key: protocol version
  scheme TEXT NOT NULL,  -- key: IANA name
  UNIQUE (subject, version, scheme)
) STRICT;
