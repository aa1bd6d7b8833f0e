-- firmware_leftover: a tool or file in a firmware image that developers left behind.
CREATE TABLE firmware_leftover (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  entry TEXT NOT NULL,  -- key: entry of ref_leftover that fits
  kind TEXT NOT NULL CHECK (kind IN ('debug-tool', 'remote-shell', 'version-control', 'core-dump', 'login-key', 'history', 'test-file', 'backup', 'unknown')),  -- value: what it is
  UNIQUE (subject, inside, path, entry)
) STRICT;
