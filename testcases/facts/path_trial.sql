-- path_trial: whether the web service gives a file outside its own folders.
CREATE TABLE path_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  way TEXT NOT NULL,  -- key: how the file was named, an entry of ref_path_escape
  account TEXT NOT NULL,  -- key: with whose session, empty for none
  target TEXT NOT NULL,  -- value: what was requested; of several, the first that gave the file
  outcome TEXT NOT NULL CHECK (outcome IN ('given', 'refused', 'unknown')),  -- value: given: both markers of the entry stand in the answer
  status INTEGER NOT NULL,  -- volatile: status code, 0 without an answer
  UNIQUE (subject, way, account)
) STRICT;
