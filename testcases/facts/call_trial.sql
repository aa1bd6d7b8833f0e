-- call_trial: what the device did when somebody made a declared request.
CREATE TABLE call_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it was made, lan:tcp/443
  call TEXT NOT NULL,  -- key: its name in the declaration
  account TEXT NOT NULL,  -- key: who made it, empty for nobody
  role TEXT NOT NULL CHECK (role IN ('nobody', 'administrator', 'user', 'viewer', 'service', 'unknown')),  -- value: role of that account
  owner TEXT NOT NULL,  -- value: account whose own object the request names, empty for none
  changes TEXT NOT NULL CHECK (changes IN ('yes', 'no', 'unknown')),  -- value: whether it changes the device
  allowed TEXT NOT NULL CHECK (allowed IN ('yes', 'no', 'unknown')),  -- value: whether the maker declares that this account may make it
  outcome TEXT NOT NULL CHECK (outcome IN ('granted', 'refused', 'no-login', 'no-undo', 'unknown')),  -- value: what came of it; no-login: the account cannot log in there; no-undo: not made, since nothing takes it back
  message TEXT NOT NULL,  -- volatile: the device's words or what kept us from seeing, printable
  undone TEXT NOT NULL CHECK (undone IN ('yes', 'no', 'not-needed', 'unknown')),  -- value: whether the change was taken back
  UNIQUE (subject, call, account)
) STRICT;
