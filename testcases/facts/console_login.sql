-- console_login: a credential that was tried at the login prompt of the console.
CREATE TABLE console_login (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: console
  account TEXT NOT NULL,  -- key: user name; control for the random one that must be refused
  credential TEXT NOT NULL,  -- key: what was tried, never the value: list entry, declared-factory, blank, same-as-user, random
  origin TEXT NOT NULL CHECK (origin IN ('negative-control', 'declared-factory', 'well-known', 'maker-specific', 'blank', 'same-as-user', 'unknown')),  -- value: where it comes from
  list TEXT NOT NULL,  -- value: id of the reference list, empty if none
  secret INTEGER NOT NULL,  -- volatile: id of the tried password
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'blocked', 'not-tried', 'unknown')),  -- value: what came
  UNIQUE (subject, account, credential)
) STRICT;
