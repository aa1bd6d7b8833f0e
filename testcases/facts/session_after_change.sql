-- session_after_change: whether another session of an account is dead after its password was changed.
CREATE TABLE session_after_change (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  account TEXT NOT NULL,  -- key: whose password was changed
  changed TEXT NOT NULL CHECK (changed IN ('yes', 'no', 'unknown')),  -- value: whether the new password was in force, proved by a login
  before TEXT NOT NULL CHECK (before IN ('open', 'shut', 'unknown')),  -- value: whether the other session opens the check page before the change
  after TEXT NOT NULL CHECK (after IN ('open', 'shut', 'unknown')),  -- value: whether it opens it after the change
  UNIQUE (subject, account)
) STRICT;
