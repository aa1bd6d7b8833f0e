-- security_txt: what a security.txt says (RFC 9116).
CREATE TABLE security_txt (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where
  path TEXT NOT NULL,  -- key: where
  contacts INTEGER NOT NULL,  -- value: contacts that can be used: mailto, tel, https
  odd_contacts INTEGER NOT NULL,  -- value: contacts that are no URI, or of the web without TLS
  contact TEXT NOT NULL,  -- value: the first that can be used, printable
  expires_fields INTEGER NOT NULL,  -- value: how often Expires stands there
  expires TEXT NOT NULL,  -- value: UTC, 2026-12-31T00:00:00Z; empty unless exactly one can be read
  language_fields INTEGER NOT NULL,  -- value: how often Preferred-Languages stands there
  odd_lines INTEGER NOT NULL,  -- value: lines that are neither field, comment nor blank
  clear_signed TEXT NOT NULL CHECK (clear_signed IN ('yes', 'no', 'unknown')),  -- value: inside an OpenPGP clear-text signature, which is not verified
  whole TEXT NOT NULL CHECK (whole IN ('yes', 'no', 'unknown')),  -- value: no: longer than what is read, or broken off
  UNIQUE (subject, path)
) STRICT;
