-- declared_proof: whether a high-impact call asks for the password anew, as declared.
CREATE TABLE declared_proof (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  call TEXT NOT NULL,  -- key: id of the declared call, or password-change
  kind TEXT NOT NULL CHECK (kind IN ('view', 'data', 'management', 'credential', 'reset', 'update', 'records', 'time', 'unknown')),  -- value: what it does
  asked TEXT NOT NULL CHECK (asked IN ('yes', 'no', 'unknown')),  -- value: whether it does
  UNIQUE (subject, call)
) STRICT;
