-- session_fixation: whether a value that was there before the login carries the session after it.
CREATE TABLE session_fixation (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: where the login is sent
  name TEXT NOT NULL,  -- key: name of the cookie or parameter; empty where nothing can be planted
  planted TEXT NOT NULL CHECK (planted IN ('issued', 'invented', 'none', 'unknown')),  -- key: where the value came from: the device before login, or us; none: the session is carried by what no page can plant
  before TEXT NOT NULL CHECK (before IN ('open', 'shut', 'unknown')),  -- value: whether the value opens the check page before the login
  after TEXT NOT NULL CHECK (after IN ('open', 'shut', 'unknown')),  -- value: whether the value opens it after the login
  own TEXT NOT NULL CHECK (own IN ('open', 'shut', 'unknown')),  -- value: whether the session of that login opens it
  UNIQUE (subject, path, name, planted)
) STRICT;
