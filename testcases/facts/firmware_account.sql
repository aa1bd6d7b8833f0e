-- firmware_account: an account or a password hash that a firmware image brings along.
CREATE TABLE firmware_account (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  position INTEGER NOT NULL,  -- key: first byte of the entry in the file
  account TEXT NOT NULL,  -- value: its name, empty where a hash stands alone
  source TEXT NOT NULL CHECK (source IN ('passwd', 'shadow', 'gshadow', 'web', 'broker', 'ftp', 'other', 'unknown')),  -- value: what kind of file holds it
  uid INTEGER NOT NULL,  -- value: number of the user, -1 where the file gives none
  superuser TEXT NOT NULL CHECK (superuser IN ('yes', 'no', 'unknown')),  -- value: whether the number is 0
  login TEXT NOT NULL CHECK (login IN ('yes', 'no', 'unknown')),  -- value: whether it may log in: its shell is one, or the file is of a service that asks for it
  password TEXT NOT NULL CHECK (password IN ('blank', 'locked', 'hash', 'clear', 'elsewhere', 'unknown')),  -- value: what stands for the password; elsewhere leads to the shadow file
  scheme TEXT NOT NULL,  -- value: how it is hashed, such as sha512crypt; empty if it is not
  guessed TEXT NOT NULL CHECK (guessed IN ('yes', 'no', 'not-tried', 'unknown')),  -- value: whether a well-known password or the name fits the hash
  guess TEXT NOT NULL,  -- value: blank, same-as-user or the name of the list that held it; empty unless guessed
  secret INTEGER NOT NULL,  -- value: the guessed or clear password, 0 for none
  UNIQUE (subject, inside, path, position)
) STRICT;
