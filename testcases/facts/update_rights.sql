-- update_rights: whether somebody without the rights could start an update.
CREATE TABLE update_rights (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it was tried
  actor TEXT NOT NULL CHECK (actor IN ('nobody', 'lesser-role', 'unknown')),  -- key: who tried
  account TEXT NOT NULL,  -- key: with which account, empty for nobody
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'unknown')),  -- value: whether the genuine file was installed
  basis TEXT NOT NULL CHECK (basis IN ('version', 'marker', 'told', 'not-told', 'unknown')),  -- value: what told it
  message TEXT NOT NULL,  -- value: the device's words, printable
  version_before TEXT NOT NULL,  -- value: that ran before, empty if not known
  version_after TEXT NOT NULL,  -- value: that ran after, empty if not known
  restored TEXT NOT NULL CHECK (restored IN ('yes', 'no', 'not-needed', 'unknown')),  -- value: whether the version under test was put back
  UNIQUE (subject, actor, account)
) STRICT;
