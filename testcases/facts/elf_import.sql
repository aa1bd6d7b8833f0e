-- elf_import: a function of interest that a program or library imports, or that a static program defines.
CREATE TABLE elf_import (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  name TEXT NOT NULL,  -- key: name of the function, one that reference table elf_function lists
  UNIQUE (subject, inside, path, name)
) STRICT;
