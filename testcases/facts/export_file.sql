-- export_file: a file that a user takes out of the device.
CREATE TABLE export_file (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where, lan:tcp/443
  name TEXT NOT NULL,  -- key: its declared name
  outcome TEXT NOT NULL CHECK (outcome IN ('given', 'refused', 'unknown')),  -- value: whether the device gave it to the declared login
  opened TEXT NOT NULL CHECK (opened IN ('whole', 'encrypted', 'partly', 'no', 'unknown')),  -- value: whole: all of it was read as text or unpacked; encrypted: the file or all that could not be read says so or looks like ciphertext; partly, no: a part could not be opened
  size INTEGER NOT NULL,  -- volatile: bytes
  sha256 TEXT NOT NULL,  -- volatile: hexadecimal
  UNIQUE (subject, name)
) STRICT;
