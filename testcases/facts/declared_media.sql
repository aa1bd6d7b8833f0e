-- declared_media: whether the laboratory can give the device an update file on a removable medium.
CREATE TABLE declared_media (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: media
  hook TEXT NOT NULL CHECK (hook IN ('yes', 'no', 'unknown')),  -- value: whether the hook media is declared
  version_shown TEXT NOT NULL CHECK (version_shown IN ('yes', 'no', 'unknown')),  -- value: whether it is declared where the running version can be read
  UNIQUE (subject)
) STRICT;
