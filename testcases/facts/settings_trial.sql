-- settings_trial: what became of one settings file that was given to be restored, judged by reading the settings back.
CREATE TABLE settings_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it was given
  mutation TEXT NOT NULL CHECK (mutation IN ('genuine', 'flip', 'value', 'truncated', 'checksum-fixed', 'unknown')),  -- key: what was done to the file that the device had saved; genuine is untouched
  what TEXT NOT NULL,  -- value: what was changed where, for the reader
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'unknown')),  -- value: whether it was taken
  basis TEXT NOT NULL CHECK (basis IN ('read-back', 'told', 'not-told', 'unknown')),  -- value: what told it: the settings read back, or only the device's own words
  message TEXT NOT NULL,  -- value: the device's words, printable
  alive_after TEXT NOT NULL CHECK (alive_after IN ('yes', 'no', 'unknown')),  -- value: whether the device answered afterwards
  restored TEXT NOT NULL CHECK (restored IN ('yes', 'no', 'not-needed', 'unknown')),  -- value: whether the genuine settings were put back
  sha256 TEXT NOT NULL,  -- volatile: of the file as given
  UNIQUE (subject, mutation)
) STRICT;
