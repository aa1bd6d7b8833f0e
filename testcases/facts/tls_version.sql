-- tls_version: whether an endpoint accepts a protocol version.
CREATE TABLE tls_version (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  version TEXT NOT NULL CHECK (version IN ('ssl2', 'ssl3', 'tls1.0', 'tls1.1', 'tls1.2', 'tls1.3', 'unknown')),  -- key: protocol version
  offered TEXT NOT NULL CHECK (offered IN ('yes', 'no', 'unknown')),  -- value: whether a ServerHello of this version came
  UNIQUE (subject, version)
) STRICT;
