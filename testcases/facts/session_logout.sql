-- session_logout: whether a session is dead after logout.
CREATE TABLE session_logout (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: where the login is sent
  before TEXT NOT NULL CHECK (before IN ('open', 'shut', 'unknown')),  -- value: whether its values open the check page before logout
  after TEXT NOT NULL CHECK (after IN ('open', 'shut', 'unknown')),  -- value: whether the same values open it after logout
  again TEXT NOT NULL CHECK (again IN ('open', 'shut', 'unknown')),  -- value: whether a new login opens it afterwards
  UNIQUE (subject, path)
) STRICT;
