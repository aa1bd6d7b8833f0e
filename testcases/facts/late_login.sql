-- late_login: a login that was open, or had been made, while all ports were asked again.
CREATE TABLE late_login (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  login TEXT NOT NULL,  -- key: login of the declaration
  account TEXT NOT NULL,  -- key: user name
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'blocked', 'not-tried', 'unknown')),  -- value: what came of the login
  held TEXT NOT NULL CHECK (held IN ('yes', 'no', 'not-kept', 'unknown')),  -- value: whether its session lived from before the ports were asked until after; not-kept: the login was made before, and its connection ended
  message TEXT NOT NULL,  -- volatile: what decided, printable
  UNIQUE (subject, login, account)
) STRICT;
