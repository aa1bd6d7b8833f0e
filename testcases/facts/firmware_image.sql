-- firmware_image: a firmware image, root file system archive or memory dump that was opened.
CREATE TABLE firmware_image (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  file TEXT NOT NULL,  -- value: its file name
  sha256 TEXT NOT NULL,  -- value: of the file, empty if it could not be read
  size INTEGER NOT NULL,  -- value: bytes
  kind TEXT NOT NULL CHECK (kind IN ('image', 'dump', 'after-reset', 'unknown')),  -- value: what it is, as declared: an image, read from the chip, read after a reset
  version TEXT NOT NULL,  -- value: version that it should hold, as declared; empty if not declared
  opened TEXT NOT NULL CHECK (opened IN ('whole', 'partly', 'no', 'unknown')),  -- value: how far it could be unpacked
  files INTEGER NOT NULL,  -- value: files, directories, links and devices found in it
  UNIQUE (subject)
) STRICT;
