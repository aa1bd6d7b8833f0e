-- support_period: whether the page shows the declared end of security updates.
CREATE TABLE support_period (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where
  path TEXT NOT NULL,  -- key: where
  until TEXT NOT NULL,  -- value: declared end, UTC, 2031-12-31T23:59:59Z
  shown TEXT NOT NULL CHECK (shown IN ('yes', 'no', 'unknown')),  -- value: whether the page holds it
  text TEXT NOT NULL,  -- value: how it stands there, empty if it does not
  UNIQUE (subject, path)
) STRICT;
