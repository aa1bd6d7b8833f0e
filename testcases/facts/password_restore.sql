-- password_restore: whether the old password was in force again after the trials.
CREATE TABLE password_restore (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  account TEXT NOT NULL,  -- key: whose password
  restored TEXT NOT NULL CHECK (restored IN ('yes', 'no', 'unknown')),  -- value: proved by a login
  UNIQUE (subject, account)
) STRICT;
