-- tls_property: a property of an endpoint beside versions and suites.
CREATE TABLE tls_property (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  property TEXT NOT NULL CHECK (property IN ('compression', 'secure-renegotiation', 'extended-master-secret', 'fallback-scsv', 'server-preference', 'session-ticket', 'unknown')),  -- key: which one
  present TEXT NOT NULL CHECK (present IN ('yes', 'no', 'unknown')),  -- value: whether the server has it
  UNIQUE (subject, property)
) STRICT;
