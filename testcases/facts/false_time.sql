-- false_time: whether the device took a time that was not the right one.
CREATE TABLE false_time (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: the time that was shown afterwards
  subject TEXT NOT NULL,  -- key: always lan: the device has one clock
  way TEXT NOT NULL CHECK (way IN ('call', 'ntp', 'unknown')),  -- key: the declared request, or the answer of a time server of ours
  actor TEXT NOT NULL CHECK (actor IN ('nobody', 'lesser-role', 'administrator', 'server', 'unknown')),  -- key: who offered it; administrator: an account that may, moved the clock a little to prove that the request works
  account TEXT NOT NULL,  -- key: its name, may be empty
  offered_s INTEGER NOT NULL,  -- value: seconds by which the offered time was ahead of the right one
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'unknown')),  -- value: told by the time that the device showed afterwards
  restored TEXT NOT NULL CHECK (restored IN ('yes', 'no', 'not-needed', 'unknown')),  -- value: whether the time was set right again
  message TEXT NOT NULL,  -- value: what the device said, printable
  UNIQUE (subject, way, actor, account)
) STRICT;
