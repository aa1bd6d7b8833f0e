-- boot_setting: a setting of boot loader, kernel command line or first process in a firmware image.
CREATE TABLE boot_setting (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  source TEXT NOT NULL CHECK (source IN ('u-boot-environment', 'u-boot-default', 'device-tree', 'inittab', 'systemd', 'boot-file', 'kernel-image', 'unknown')),  -- key: where it stands; u-boot-default: compiled into the boot loader
  setting TEXT NOT NULL CHECK (setting IN ('boot-delay', 'stop-key', 'console', 'shell', 'kernel-arguments', 'boot-arguments-shell', 'boot-command', 'silent', 'unknown')),  -- key: what it sets; shell: what a terminal starts
  text TEXT NOT NULL,  -- key: its value, as it stands
  number INTEGER NOT NULL,  -- value: its value as a number, 0 if it is none
  login TEXT NOT NULL CHECK (login IN ('asked', 'none', 'automatic', 'not-applicable', 'unknown')),  -- value: of a terminal: whether a login is asked for
  UNIQUE (subject, inside, path, source, setting, text)
) STRICT;
