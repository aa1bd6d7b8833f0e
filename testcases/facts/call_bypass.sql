-- call_bypass: what a refused request gave when it was written in another way.
CREATE TABLE call_bypass (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it was made, lan:tcp/443
  call TEXT NOT NULL,  -- key: its name in the declaration
  account TEXT NOT NULL,  -- key: who made it, empty for nobody
  role TEXT NOT NULL CHECK (role IN ('nobody', 'administrator', 'user', 'viewer', 'service', 'unknown')),  -- value: role of that account
  variant TEXT NOT NULL,  -- key: how it was written, an entry of ref_request_variant
  outcome TEXT NOT NULL CHECK (outcome IN ('granted', 'refused', 'unknown')),  -- value: whether it gave what the rightful role is given
  message TEXT NOT NULL,  -- volatile: the device's words or what kept us from seeing, printable
  UNIQUE (subject, call, account, variant)
) STRICT;
