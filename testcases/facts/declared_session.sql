-- declared_session: what the maker says of sessions.
CREATE TABLE declared_session (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  scope TEXT NOT NULL CHECK (scope IN ('device', 'unknown')),  -- key: always device
  idle_seconds INTEGER NOT NULL,  -- value: end of an idle session, 0 if not declared
  simultaneous INTEGER NOT NULL,  -- value: sessions at once, 0 if not declared
  UNIQUE (scope)
) STRICT;
