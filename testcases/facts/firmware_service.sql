-- firmware_service: a program that the start files of a firmware image start or could start.
CREATE TABLE firmware_service (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  position INTEGER NOT NULL,  -- key: first byte of the line in the file
  program TEXT NOT NULL,  -- key: base name of the program
  source TEXT NOT NULL CHECK (source IN ('inittab', 'script', 'inetd', 'xinetd', 'systemd', 'runit', 'unknown')),  -- value: what kind of file starts it
  enabled TEXT NOT NULL CHECK (enabled IN ('yes', 'no', 'unknown')),  -- value: whether it is started: linked, wanted or called, not only present
  account TEXT NOT NULL,  -- value: user that it runs as, as the start file or its settings say; empty if nothing says
  superuser TEXT NOT NULL CHECK (superuser IN ('yes', 'no', 'unknown')),  -- value: whether that is the superuser
  UNIQUE (subject, inside, path, position, program)
) STRICT;
