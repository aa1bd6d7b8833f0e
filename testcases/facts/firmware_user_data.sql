-- firmware_user_data: data of a user, or a value that the laboratory had stored, in a memory dump.
CREATE TABLE firmware_user_data (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  position INTEGER NOT NULL,  -- key: first byte in the file
  datum TEXT NOT NULL CHECK (datum IN ('account-password', 'canary', 'wireless-key', 'shell-history', 'unknown')),  -- key: what was found
  name TEXT NOT NULL,  -- key: account, canary or file that it belongs to
  form TEXT NOT NULL CHECK (form IN ('clear', 'base64', 'hexadecimal', 'utf-16', 'unknown')),  -- value: how it is written
  secret INTEGER NOT NULL,  -- value: the value, 0 where it is no secret
  UNIQUE (subject, inside, path, position, datum, name)
) STRICT;
