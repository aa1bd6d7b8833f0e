-- crypto_primitive: a cryptographic primitive in a program or library.
CREATE TABLE crypto_primitive (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  primitive TEXT NOT NULL,  -- key: its name in reference table crypto_primitive
  seen_by TEXT NOT NULL CHECK (seen_by IN ('import', 'table', 'unknown')),  -- key: an imported function, or a table of constants in the file
  name TEXT NOT NULL,  -- key: the function, or the name of the table
  expected TEXT NOT NULL CHECK (expected IN ('yes', 'no', 'unknown')),  -- value: whether reference table expected_primitive names this file with this primitive
  UNIQUE (subject, inside, path, primitive, seen_by, name)
) STRICT;
