-- port: one TCP or UDP port of the device; closed TCP ports are not listed one by one unless declared.
CREATE TABLE port (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  transport TEXT NOT NULL CHECK (transport IN ('tcp', 'udp', 'unknown')),  -- value: transport protocol
  number INTEGER NOT NULL,  -- value: port number
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'filtered', 'unknown')),  -- value: seen over either address family; open if open over one
  over_ipv4 TEXT NOT NULL CHECK (over_ipv4 IN ('open', 'closed', 'filtered', 'not-asked', 'unknown')),  -- value: state over IPv4
  over_ipv6 TEXT NOT NULL CHECK (over_ipv6 IN ('open', 'closed', 'filtered', 'not-asked', 'unknown')),  -- value: state over IPv6
  UNIQUE (subject)
) STRICT;
