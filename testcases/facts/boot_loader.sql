-- boot_loader: a boot loader in a firmware image.
CREATE TABLE boot_loader (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  name TEXT NOT NULL,  -- key: such as u-boot
  version TEXT NOT NULL,  -- key: as it says
  UNIQUE (subject, inside, path, name, version)
) STRICT;
