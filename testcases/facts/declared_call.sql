-- declared_call: a request of the device's own interface, as the maker declares it.
CREATE TABLE declared_call (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it is made, lan:tcp/443
  call TEXT NOT NULL,  -- key: its name in the declaration
  kind TEXT NOT NULL CHECK (kind IN ('view', 'data', 'management', 'credential', 'reset', 'update', 'records', 'time', 'unknown')),  -- value: what it is for
  method TEXT NOT NULL,  -- value: HTTP method
  path TEXT NOT NULL,  -- value: as requested
  login TEXT NOT NULL CHECK (login IN ('yes', 'no', 'unknown')),  -- value: whether it is declared to need a login
  changes TEXT NOT NULL CHECK (changes IN ('yes', 'no', 'unknown')),  -- value: whether it changes the device
  undo TEXT NOT NULL CHECK (undo IN ('yes', 'no', 'unknown')),  -- value: whether another declared call takes it back
  proof TEXT NOT NULL CHECK (proof IN ('yes', 'no', 'unknown')),  -- value: whether it carries the password anew
  owner TEXT NOT NULL,  -- value: account whose own object it names, empty for none
  UNIQUE (subject, call)
) STRICT;
