-- update_control: whether a genuine file was seen to be installed, and the version under test put back: without both a refusal proves nothing.
CREATE TABLE update_control (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it was offered
  control TEXT NOT NULL CHECK (control IN ('genuine', 'put-back', 'unknown')),  -- key: what was shown
  image TEXT NOT NULL,  -- value: role of the file
  outcome TEXT NOT NULL CHECK (outcome IN ('installed', 'not-installed', 'unknown')),  -- value: what became of it
  basis TEXT NOT NULL CHECK (basis IN ('version', 'marker', 'told', 'not-told', 'unknown')),  -- value: what told it: the version that runs, or only the device's own words
  message TEXT NOT NULL,  -- value: the device's words, printable
  version_before TEXT NOT NULL,  -- value: that ran before, empty if not known
  version_after TEXT NOT NULL,  -- value: that ran after, empty if not known
  alive_after TEXT NOT NULL CHECK (alive_after IN ('yes', 'no', 'unknown')),  -- value: whether the device answered afterwards
  took_ms INTEGER NOT NULL,  -- volatile: milliseconds from the offer until it ran
  UNIQUE (subject, control)
) STRICT;
