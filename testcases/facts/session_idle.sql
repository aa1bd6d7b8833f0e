-- session_idle: whether a session ends when nobody uses it.
CREATE TABLE session_idle (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: where the login is sent
  declared_seconds INTEGER NOT NULL,  -- value: end of an idle session as declared; 0: not declared
  waited_seconds INTEGER NOT NULL,  -- volatile: seconds without use
  before TEXT NOT NULL CHECK (before IN ('open', 'shut', 'unknown')),  -- value: whether the session opens the check page before the wait
  after TEXT NOT NULL CHECK (after IN ('open', 'shut', 'unknown')),  -- value: whether it opens it after the wait
  again TEXT NOT NULL CHECK (again IN ('open', 'shut', 'unknown')),  -- value: whether a new login opens it afterwards
  UNIQUE (subject, path)
) STRICT;
