-- firmware_certificate: a certificate in a firmware image.
CREATE TABLE firmware_certificate (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container, such as uimage@0/squashfs@64
  path TEXT NOT NULL,  -- key: the file in it
  position INTEGER NOT NULL,  -- key: first byte of the certificate in the file
  sha256 TEXT NOT NULL,  -- value: fingerprint of the DER form
  subject_name TEXT NOT NULL,  -- value: RFC 2253 form
  issuer_name TEXT NOT NULL,  -- value: RFC 2253 form
  not_before TEXT NOT NULL,  -- value: UTC
  not_after TEXT NOT NULL,  -- value: UTC
  ca TEXT NOT NULL CHECK (ca IN ('yes', 'no', 'unknown')),  -- value: basicConstraints CA
  key_sha256 TEXT NOT NULL,  -- value: hash of the SubjectPublicKeyInfo
  key_in_image TEXT NOT NULL CHECK (key_in_image IN ('yes', 'no', 'unknown')),  -- value: whether the private key to it is in the same image
  UNIQUE (subject, inside, path, position)
) STRICT;
