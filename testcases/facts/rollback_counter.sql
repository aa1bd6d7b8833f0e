-- rollback_counter: a counter against older versions in a format that has a place for one.
CREATE TABLE rollback_counter (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  format TEXT NOT NULL CHECK (format IN ('mcuboot', 'android', 'fit', 'swupdate', 'rauc', 'unknown')),  -- key: the format
  name TEXT NOT NULL,  -- key: the field
  state TEXT NOT NULL CHECK (state IN ('present', 'absent', 'unknown')),  -- value: whether it is used
  value TEXT NOT NULL,  -- value: its value, as it stands
  UNIQUE (subject, inside, path, format, name)
) STRICT;
