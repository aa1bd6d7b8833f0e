-- session_value: the values that carry sessions of a login, several of them compared.
CREATE TABLE session_value (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: where the login is sent
  name TEXT NOT NULL,  -- key: name of the cookie, header or parameter; of several that a session needs, the one that is hardest to guess
  carrier TEXT NOT NULL CHECK (carrier IN ('cookie', 'bearer', 'header', 'url', 'unknown')),  -- value: how the session is carried
  samples INTEGER NOT NULL,  -- value: values that were collected by logins
  different INTEGER NOT NULL,  -- value: different ones among them
  shortest INTEGER NOT NULL,  -- volatile: bytes of the shortest
  longest INTEGER NOT NULL,  -- volatile: bytes of the longest
  alphabet TEXT NOT NULL CHECK (alphabet IN ('digits', 'hex', 'letters-digits', 'base64', 'other', 'unknown')),  -- value: symbols in the places that change
  symbols INTEGER NOT NULL,  -- volatile: different symbols in the places that change
  fixed INTEGER NOT NULL,  -- volatile: places with the same symbol in all values
  stepping INTEGER NOT NULL,  -- volatile: places that stay or go on by the same step
  uneven INTEGER NOT NULL,  -- volatile: places with clearly fewer symbols than the others
  bits REAL NOT NULL,  -- volatile: bits that a guesser has to find, at most
  guess TEXT NOT NULL CHECK (guess IN ('none', 'user', 'time', 'counter', 'unknown')),  -- value: known value from which a value was made, by a hash or as it is
  UNIQUE (subject, path, name)
) STRICT;
