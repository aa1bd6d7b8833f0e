-- declared_settings: how the maker says that the settings of the device are saved to a file and restored from it.
CREATE TABLE declared_settings (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where a file is restored, lan if it is not declared
  backup TEXT NOT NULL CHECK (backup IN ('file', 'none', 'unknown')),  -- value: whether settings are saved to a file
  shown TEXT NOT NULL CHECK (shown IN ('saved', 'page', 'unknown')),  -- value: how the settings in force are read back: saved again, or on a page
  UNIQUE (subject)
) STRICT;
