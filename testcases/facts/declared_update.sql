-- declared_update: how the maker says that an update is given.
CREATE TABLE declared_update (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it is given, lan:tcp/443; lan where the device asks or a command does it
  mechanism TEXT NOT NULL CHECK (mechanism IN ('none', 'http-upload', 'swupdate', 'rauc', 'tftp', 'scp', 'pull', 'hook', 'unknown')),  -- value: by which way
  recovery TEXT NOT NULL CHECK (recovery IN ('yes', 'no', 'unknown')),  -- value: whether a way back from a bad image is declared
  version_shown TEXT NOT NULL CHECK (version_shown IN ('yes', 'no', 'unknown')),  -- value: whether it is declared where the running version can be read
  pull TEXT NOT NULL CHECK (pull IN ('yes', 'no', 'unknown')),  -- value: whether it is declared that the device asks a server for updates
  UNIQUE (subject)
) STRICT;
