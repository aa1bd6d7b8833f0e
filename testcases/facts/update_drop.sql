-- update_drop: what the device ran after a transfer that was cut.
CREATE TABLE update_drop (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it was tried
  point TEXT NOT NULL CHECK (point IN ('tenth', 'half', 'most', 'last-byte', 'power', 'unknown')),  -- key: when it was cut: after a tenth, a half, 95 of 100, all but the last byte; or by a power cut at the half
  sent INTEGER NOT NULL,  -- value: bytes that were sent
  total INTEGER NOT NULL,  -- value: bytes of the whole file
  alive_after TEXT NOT NULL CHECK (alive_after IN ('yes', 'no', 'unknown')),  -- value: whether the device came back within the declared time
  runs TEXT NOT NULL CHECK (runs IN ('before', 'offered', 'other', 'unknown')),  -- value: the version that it then ran: as before, the offered one, another
  version_before TEXT NOT NULL,  -- value: that ran before, empty if not known
  version_after TEXT NOT NULL,  -- value: that ran after, empty if not known
  restored TEXT NOT NULL CHECK (restored IN ('yes', 'no', 'not-needed', 'unknown')),  -- value: whether the version under test was put back
  UNIQUE (subject, point)
) STRICT;
