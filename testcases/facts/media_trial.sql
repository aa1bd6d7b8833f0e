-- media_trial: what became of one update file on a removable medium, judged by what runs afterwards.
CREATE TABLE media_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: media
  image TEXT NOT NULL,  -- key: role of the genuine file that it was made from
  mutation TEXT NOT NULL CHECK (mutation IN ('genuine', 'flip-header', 'flip-manifest', 'flip-payload', 'flip-signature', 'truncated', 'trailing-data', 'empty', 'wrong-model', 'unsigned', 'foreign-key', 'expired-certificate', 'unknown-certificate', 'version-mismatch', 'path-traversal', 'unknown')),  -- key: what was done to it
  covered TEXT NOT NULL CHECK (covered IN ('yes', 'no', 'unknown')),  -- value: whether what was changed is covered by a signature
  what TEXT NOT NULL,  -- value: what was changed where, for the reader
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'unknown')),  -- value: whether it was installed
  basis TEXT NOT NULL CHECK (basis IN ('version', 'marker', 'told', 'not-told', 'unknown')),  -- value: what told it: the version that runs, a marker in it, or only the device's own words
  message TEXT NOT NULL,  -- value: the device's words, printable
  version_before TEXT NOT NULL,  -- value: that ran before, empty if not known
  version_after TEXT NOT NULL,  -- value: that ran after, empty if not known
  alive_after TEXT NOT NULL CHECK (alive_after IN ('yes', 'no', 'unknown')),  -- value: whether the device answered afterwards
  restored TEXT NOT NULL CHECK (restored IN ('yes', 'no', 'not-needed', 'unknown')),  -- value: whether the version under test was put back
  sha256 TEXT NOT NULL,  -- volatile: of the file as offered; keys and signatures in it are fresh
  took_ms INTEGER NOT NULL,  -- volatile: milliseconds from the offer until it was judged
  UNIQUE (subject, image, mutation)
) STRICT;
