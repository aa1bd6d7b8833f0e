-- boot_integrity: a sign that code or files are verified at start.
CREATE TABLE boot_integrity (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  sign TEXT NOT NULL CHECK (sign IN ('fit-signature', 'fit-hash', 'required-key', 'mcuboot-signature', 'android-vbmeta', 'dm-verity', 'verity-arguments', 'ima-signature', 'module-signature', 'verified-boot-code', 'unknown')),  -- key: required-key: a device tree demands a signature; fit-hash: a hash without signature
  name TEXT NOT NULL,  -- key: which one, such as a node or a file
  state TEXT NOT NULL CHECK (state IN ('present', 'absent', 'unknown')),  -- value: whether it is there where the format has a place for it
  algorithm TEXT NOT NULL,  -- value: as named there, may be empty
  UNIQUE (subject, inside, path, sign, name)
) STRICT;
