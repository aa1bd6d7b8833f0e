-- firmware_log_string: a text in a program of a firmware image that puts a secret into a message.
CREATE TABLE firmware_log_string (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  position INTEGER NOT NULL,  -- key: first byte of the text in the file
  word TEXT NOT NULL,  -- value: what the text says the value is, such as password
  text TEXT NOT NULL,  -- value: the text, at most 200 characters
  UNIQUE (subject, inside, path, position)
) STRICT;
