-- tls_suite: a cipher suite that an endpoint accepted.
CREATE TABLE tls_suite (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  version TEXT NOT NULL CHECK (version IN ('ssl2', 'ssl3', 'tls1.0', 'tls1.1', 'tls1.2', 'tls1.3', 'unknown')),  -- key: protocol version
  suite TEXT NOT NULL,  -- key: IANA name, or 0xHHHH where it has none
  code INTEGER NOT NULL,  -- value: number on the wire
  preference INTEGER NOT NULL,  -- value: 1 for the one chosen when all of them are offered, 2 for the others
  UNIQUE (subject, version, suite)
) STRICT;
