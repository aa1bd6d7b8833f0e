-- session_randomness: a statistical test over the values of a session.
CREATE TABLE session_randomness (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: where the login is sent
  name TEXT NOT NULL,  -- key: name of the cookie, header or parameter
  test TEXT NOT NULL CHECK (test IN ('symbols', 'steps', 'neighbours', 'successive', 'bits', 'runs', 'distance', 'order', 'unknown')),  -- key: which test, as harness/formats/randomness.hpp says
  observations INTEGER NOT NULL,  -- volatile: symbols, bits or pairs that it counted
  statistic REAL NOT NULL,  -- volatile: what it found
  p REAL NOT NULL,  -- volatile: how likely a random source is to look as odd as this
  UNIQUE (subject, path, name, test)
) STRICT;
