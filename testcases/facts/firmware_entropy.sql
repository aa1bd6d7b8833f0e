-- firmware_entropy: how random a stretch of a firmware image is: near 8 bits for a byte is compressed or encrypted.
CREATE TABLE firmware_entropy (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  offset INTEGER NOT NULL,  -- key: first byte in the image
  length INTEGER NOT NULL,  -- value: bytes
  bits REAL NOT NULL,  -- value: Shannon entropy, bits for a byte, 0 to 8
  UNIQUE (subject, offset)
) STRICT;
