-- declared_update_image: an update file that the maker handed over.
CREATE TABLE declared_update_image (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  image TEXT NOT NULL,  -- key: its role, with a number from the second of a role on
  role TEXT NOT NULL CHECK (role IN ('current', 'newer', 'older', 'other-model', 'expired-signer', 'unknown')),  -- value: what it is
  version TEXT NOT NULL,  -- value: that the device shows when it runs it
  sha256 TEXT NOT NULL,  -- value: of the file, hexadecimal; empty if it could not be read
  UNIQUE (image)
) STRICT;
