-- first_use_trial: what a session with the factory password is given before and after the password is replaced.
CREATE TABLE first_use_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  target TEXT NOT NULL,  -- key: the declared resource
  moment TEXT NOT NULL CHECK (moment IN ('before', 'after', 'unknown')),  -- key: of replacing the factory password
  kind TEXT NOT NULL CHECK (kind IN ('view', 'control', 'management', 'data', 'unknown')),  -- value: what it is, as declared
  outcome TEXT NOT NULL CHECK (outcome IN ('granted', 'refused', 'unknown')),  -- value: what the device gave
  account TEXT NOT NULL,  -- value: whose session
  UNIQUE (subject, target, moment)
) STRICT;
