-- update_signature: a signature of an update file, or that there is none.
CREATE TABLE update_signature (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the file, update:current
  position INTEGER NOT NULL,  -- key: 0 is the first in the file
  scheme TEXT NOT NULL CHECK (scheme IN ('cms', 'rsa-pkcs1', 'rsa-pss', 'ecdsa', 'ed25519', 'crc', 'none', 'unknown')),  -- value: how it is signed; crc where there is a checksum only, none where the format is known and holds no signature
  digest TEXT NOT NULL CHECK (digest IN ('sha224', 'sha256', 'sha384', 'sha512', 'sha1', 'md5', 'crc32', 'unknown')),  -- value: digest that is signed
  key_algorithm TEXT NOT NULL CHECK (key_algorithm IN ('rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448', 'dsa', 'unknown')),  -- value: of the key of the signer
  key_curve TEXT NOT NULL,  -- value: curve name, empty if none
  key_bits INTEGER NOT NULL,  -- value: size of the key, 0 where nothing tells it
  covers TEXT NOT NULL CHECK (covers IN ('manifest', 'payload', 'header', 'unknown')),  -- value: part of the file that it covers
  verifies TEXT NOT NULL CHECK (verifies IN ('yes', 'no', 'unknown')),  -- value: whether it verifies with a key that the maker handed over, dates left aside; unknown where none was
  certificates INTEGER NOT NULL,  -- value: certificates in it
  place INTEGER NOT NULL,  -- value: its offset in the file, 0 where it stands compressed
  length INTEGER NOT NULL,  -- value: bytes that it takes in the file
  UNIQUE (subject, position)
) STRICT;
