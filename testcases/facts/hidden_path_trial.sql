-- hidden_path_trial: whether a path of debugging, tests or development is there.
CREATE TABLE hidden_path_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: as requested, an entry of ref_hidden_path
  account TEXT NOT NULL,  -- key: with whose session, empty for none
  declared TEXT NOT NULL CHECK (declared IN ('yes', 'no', 'unknown')),  -- value: whether the declaration names it
  outcome TEXT NOT NULL CHECK (outcome IN ('found', 'absent', 'refused', 'unknown')),  -- value: found: it gave what the entry says; refused: a login is missing or not enough
  status INTEGER NOT NULL,  -- volatile: status code, 0 without an answer
  UNIQUE (subject, path, account)
) STRICT;
