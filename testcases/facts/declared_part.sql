-- declared_part: whether a part of the declaration was given at all, so that its absence is not taken for an empty list.
CREATE TABLE declared_part (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  part TEXT NOT NULL CHECK (part IN ('services', 'logins', 'accounts', 'password-change', 'password-policy', 'lockout', 'session', 'update', 'outbound', 'personal-data', 'documents', 'resources', 'product-information', 'hooks', 'console', 'support', 'update-notice', 'exports', 'wipe', 'unknown')),  -- key: which part
  given TEXT NOT NULL CHECK (given IN ('yes', 'no', 'unknown')),  -- value: whether it stands in the declaration
  UNIQUE (part)
) STRICT;
