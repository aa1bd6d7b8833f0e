-- firmware_mode: a file of a firmware image with set-user, set-group or world-write permission.
CREATE TABLE firmware_mode (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  kind TEXT NOT NULL CHECK (kind IN ('file', 'directory', 'device', 'fifo', 'socket', 'unknown')),  -- value: what it is
  mode INTEGER NOT NULL,  -- value: permission bits
  owner INTEGER NOT NULL,  -- value: number of the user
  set_uid TEXT NOT NULL CHECK (set_uid IN ('yes', 'no', 'unknown')),  -- value: whether it runs as its owner
  set_gid TEXT NOT NULL CHECK (set_gid IN ('yes', 'no', 'unknown')),  -- value: whether it runs as its group
  world_writable TEXT NOT NULL CHECK (world_writable IN ('yes', 'no', 'unknown')),  -- value: whether everybody may write it
  sticky TEXT NOT NULL CHECK (sticky IN ('yes', 'no', 'unknown')),  -- value: whether only owners may remove what is in it
  UNIQUE (subject, inside, path)
) STRICT;
