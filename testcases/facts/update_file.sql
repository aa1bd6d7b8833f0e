-- update_file: an update file that the maker handed over, as it was taken apart.
CREATE TABLE update_file (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the file by its role, update:current, update:older, update:older-2
  role TEXT NOT NULL CHECK (role IN ('current', 'newer', 'older', 'other-model', 'expired-signer', 'unknown')),  -- value: what it is, as declared
  file TEXT NOT NULL,  -- value: its file name
  sha256 TEXT NOT NULL,  -- value: of the file, empty if it could not be read
  size INTEGER NOT NULL,  -- value: bytes
  format TEXT NOT NULL CHECK (format IN ('uimage', 'fit', 'trx', 'swu', 'rauc', 'mcuboot', 'mender', 'tar', 'zip', 'android-ota', 'raw', 'unknown')),  -- value: raw where only the place of the signature was declared
  declared_version TEXT NOT NULL,  -- value: version that the maker tells of it
  version TEXT NOT NULL,  -- value: version that stands in it, empty if none was found
  model TEXT NOT NULL,  -- value: model or hardware that stands in it, empty if none was found
  UNIQUE (subject)
) STRICT;
