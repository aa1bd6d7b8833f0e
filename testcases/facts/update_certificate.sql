-- update_certificate: a certificate in the signature of an update file.
CREATE TABLE update_certificate (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the file, update:current
  signature INTEGER NOT NULL,  -- key: position of the signature
  position INTEGER NOT NULL,  -- key: 0 is the signer
  sha256 TEXT NOT NULL,  -- value: fingerprint of the DER form
  subject_name TEXT NOT NULL,  -- value: RFC 2253 form
  issuer_name TEXT NOT NULL,  -- value: RFC 2253 form
  key_algorithm TEXT NOT NULL CHECK (key_algorithm IN ('rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448', 'dsa', 'unknown')),  -- value: algorithm of the public key
  key_curve TEXT NOT NULL,  -- value: curve name, empty if none
  key_bits INTEGER NOT NULL,  -- value: size of the key
  signature_algorithm TEXT NOT NULL,  -- value: OpenSSL long name, such as sha256WithRSAEncryption
  not_before TEXT NOT NULL,  -- value: UTC
  not_after TEXT NOT NULL,  -- value: UTC
  self_signed TEXT NOT NULL CHECK (self_signed IN ('yes', 'no', 'unknown')),  -- value: whether it verifies with its own key
  ca TEXT NOT NULL CHECK (ca IN ('yes', 'no', 'unknown')),  -- value: basicConstraints CA
  chain TEXT NOT NULL CHECK (chain IN ('signed-by-next', 'last', 'broken', 'unknown')),  -- value: whether the next one in the signature signed it
  UNIQUE (subject, signature, position)
) STRICT;
