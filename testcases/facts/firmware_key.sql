-- firmware_key: a private key in a firmware image.
CREATE TABLE firmware_key (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  position INTEGER NOT NULL,  -- key: first byte of the key in the file
  form TEXT NOT NULL CHECK (form IN ('pem', 'der', 'openssh', 'dropbear', 'putty', 'unknown')),  -- value: how it is written
  algorithm TEXT NOT NULL CHECK (algorithm IN ('rsa', 'dsa', 'ec', 'ed25519', 'ed448', 'dh', 'unknown')),  -- value: of the key
  bits INTEGER NOT NULL,  -- value: size of the key, 0 if not known
  encrypted TEXT NOT NULL CHECK (encrypted IN ('yes', 'no', 'unknown')),  -- value: whether a password protects it
  key_sha256 TEXT NOT NULL,  -- value: hash of the public half (SubjectPublicKeyInfo), empty if it could not be computed
  purpose TEXT NOT NULL CHECK (purpose IN ('ssh-host', 'tls', 'unknown')),  -- value: told by the name of the file or by a certificate with the same key
  test_key TEXT NOT NULL,  -- value: name of the published test key that it is (ref_test_key), empty if none
  secret INTEGER NOT NULL,  -- value: the bytes of it that the evidence shows, 0 for none
  UNIQUE (subject, inside, path, position)
) STRICT;
