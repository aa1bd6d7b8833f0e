-- crypto_use: a cryptographic library that a program or library is linked with.
CREATE TABLE crypto_use (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  library TEXT NOT NULL,  -- key: common name of the library, such as openssl
  needed TEXT NOT NULL,  -- key: as the file names it, such as libcrypto.so.3
  UNIQUE (subject, inside, path, library, needed)
) STRICT;
