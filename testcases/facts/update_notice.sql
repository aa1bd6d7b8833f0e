-- update_notice: whether the device tells of a version that our update server offers.
CREATE TABLE update_notice (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it is looked for, lan:tcp/443
  offered TEXT NOT NULL CHECK (offered IN ('current', 'newer', 'unknown')),  -- key: what our server says is the newest version: the one that runs, or a later one
  version TEXT NOT NULL,  -- value: the offered version
  asked TEXT NOT NULL CHECK (asked IN ('yes', 'no', 'unknown')),  -- value: whether the device asked our server
  fetched TEXT NOT NULL CHECK (fetched IN ('yes', 'no', 'unknown')),  -- value: whether it asked for the file, too
  shown TEXT NOT NULL CHECK (shown IN ('yes', 'no', 'unknown')),  -- value: whether the declared text was there
  path TEXT NOT NULL,  -- value: where
  UNIQUE (subject, offered)
) STRICT;
