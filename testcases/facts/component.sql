-- component: a part of other people's software that a firmware image shows.
CREATE TABLE component (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  name TEXT NOT NULL,  -- key: as the image names it
  version TEXT NOT NULL,  -- key: as the image gives it, empty if it does not
  origin TEXT NOT NULL CHECK (origin IN ('dpkg', 'opkg', 'apk', 'text', 'file-name', 'kernel-module', 'unknown')),  -- key: where it stands: a package database, a text in a program, the name of a file
  component TEXT NOT NULL,  -- value: common name by reference table component_name; the same as name if that lists none
  release TEXT NOT NULL,  -- value: version of the maker of the software, without what a distribution adds; empty if not known
  UNIQUE (subject, inside, path, name, version, origin)
) STRICT;
