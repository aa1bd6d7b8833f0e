-- export_secret: a secret in clear text in an export.
CREATE TABLE export_secret (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where the export comes from, lan:tcp/443
  name TEXT NOT NULL,  -- key: declared name of the export
  inside TEXT NOT NULL,  -- key: way to the file inside, empty at the top
  path TEXT NOT NULL,  -- key: file inside, empty at the top
  datum TEXT NOT NULL CHECK (datum IN ('token', 'private-key', 'password-hash', 'account-password', 'wireless-key', 'canary', 'other', 'unknown')),  -- key: what it is
  rule TEXT NOT NULL,  -- key: rule that found it, or the form in which a known value stands there
  label TEXT NOT NULL,  -- key: what it is assigned to, or the account
  position INTEGER NOT NULL,  -- key: byte in the file
  secret INTEGER NOT NULL,  -- volatile: id of the value, 0: not kept
  UNIQUE (subject, name, inside, path, datum, rule, label, position)
) STRICT;
