-- secure_element: a sign of a secure element or trusted execution environment.
CREATE TABLE secure_element (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  element TEXT NOT NULL,  -- key: which one, by reference table secure_element
  seen_by TEXT NOT NULL CHECK (seen_by IN ('device-tree', 'module', 'library', 'program', 'key-reference', 'unknown')),  -- key: the sign
  text TEXT NOT NULL,  -- value: what was found
  UNIQUE (subject, inside, path, element, seen_by)
) STRICT;
