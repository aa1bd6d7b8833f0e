-- proof_trial: a high-impact call made inside a session, with or without the password given anew.
CREATE TABLE proof_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  call TEXT NOT NULL,  -- key: id of the declared call, or password-change
  kind TEXT NOT NULL CHECK (kind IN ('view', 'data', 'management', 'credential', 'reset', 'update', 'records', 'time', 'unknown')),  -- value: what it does
  proof TEXT NOT NULL CHECK (proof IN ('missing', 'wrong', 'right', 'unknown')),  -- key: the password that was sent with it
  outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'unknown')),  -- value: what the device did
  account TEXT NOT NULL,  -- value: whose session
  message TEXT NOT NULL,  -- volatile: what the device said
  UNIQUE (subject, call, proof)
) STRICT;
