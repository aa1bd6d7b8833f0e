-- firmware_secret: a token, password or key in clear text in a file of a firmware image.
CREATE TABLE firmware_secret (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  position INTEGER NOT NULL,  -- key: first byte of the value in the file
  rule TEXT NOT NULL,  -- key: rule of ref_secret_rule that found it
  name TEXT NOT NULL,  -- value: name that it is assigned to, or user it belongs to; empty if none
  length INTEGER NOT NULL,  -- value: bytes
  secret INTEGER NOT NULL,  -- value: the value itself
  UNIQUE (subject, inside, path, position, rule)
) STRICT;
