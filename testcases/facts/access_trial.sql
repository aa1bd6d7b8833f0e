-- access_trial: something asked for without login.
CREATE TABLE access_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  state TEXT NOT NULL CHECK (state IN ('normal', 'factory', 'unknown')),  -- key: state of the device
  target TEXT NOT NULL,  -- key: path, topic, OID …
  kind TEXT NOT NULL CHECK (kind IN ('view', 'control', 'management', 'data', 'publish', 'subscribe', 'session', 'unknown')),  -- value: what it gives
  outcome TEXT NOT NULL CHECK (outcome IN ('granted', 'refused', 'absent', 'unknown')),  -- value: what came
  declared TEXT NOT NULL CHECK (declared IN ('yes', 'no', 'unknown')),  -- value: whether the maker declared it as protected
  UNIQUE (subject, state, target)
) STRICT;
