-- record_erase: whether somebody could make the record lose what it held.
CREATE TABLE record_erase (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: the record as it was read afterwards
  subject TEXT NOT NULL,  -- key: always lan: the device keeps one record
  way TEXT NOT NULL CHECK (way IN ('erase', 'overflow', 'unknown')),  -- key: the declared request, or events that fill the record
  actor TEXT NOT NULL CHECK (actor IN ('nobody', 'lesser-role', 'administrator', 'unknown')),  -- key: who; administrator: an account that may, tried last to prove that the request works
  account TEXT NOT NULL,  -- key: its name, empty for nobody
  tries INTEGER NOT NULL,  -- value: requests or events
  outcome TEXT NOT NULL CHECK (outcome IN ('kept', 'lost', 'unknown')),  -- value: whether the newest records from before were still shown
  message TEXT NOT NULL,  -- value: what the device said, printable
  UNIQUE (subject, way, actor, account)
) STRICT;
