-- unit_key: a public key that an endpoint of one of two units showed.
CREATE TABLE unit_key (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  unit TEXT NOT NULL CHECK (unit IN ('first', 'second', 'unknown')),  -- key: the unit that was asked
  kind TEXT NOT NULL CHECK (kind IN ('ssh-host-key', 'certificate', 'unknown')),  -- key: where it stood
  algorithm TEXT NOT NULL,  -- key: its kind, such as ssh-ed25519, ec
  fingerprint TEXT NOT NULL,  -- key: hash of the public key
  stable TEXT NOT NULL CHECK (stable IN ('yes', 'no', 'unknown')),  -- value: whether it was shown again a moment later
  UNIQUE (subject, unit, kind, algorithm, fingerprint)
) STRICT;
