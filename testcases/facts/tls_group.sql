-- tls_group: a key exchange group that an endpoint accepted or chose.
CREATE TABLE tls_group (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  version TEXT NOT NULL CHECK (version IN ('ssl2', 'ssl3', 'tls1.0', 'tls1.1', 'tls1.2', 'tls1.3', 'unknown')),  -- key: protocol version
  name TEXT NOT NULL,  -- key: IANA name (secp256r1, x25519, ffdhe2048), or dh-custom
  bits INTEGER NOT NULL,  -- value: size of the field or modulus
  UNIQUE (subject, version, name)
) STRICT;
