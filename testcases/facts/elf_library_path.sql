-- elf_library_path: a folder that a program or library names for its libraries.
CREATE TABLE elf_library_path (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  tag TEXT NOT NULL CHECK (tag IN ('rpath', 'runpath', 'unknown')),  -- key: DT_RPATH or DT_RUNPATH
  entry TEXT NOT NULL,  -- key: the folder, as written
  shape TEXT NOT NULL CHECK (shape IN ('absolute', 'relative', 'origin', 'empty', 'unknown')),  -- value: origin: beside the file itself ($ORIGIN); empty: the working folder
  UNIQUE (subject, inside, path, tag, entry)
) STRICT;
