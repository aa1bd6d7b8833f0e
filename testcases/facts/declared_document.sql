-- declared_document: a document that the maker handed over.
CREATE TABLE declared_document (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  document TEXT NOT NULL,  -- key: kind and title
  kind TEXT NOT NULL,  -- value: as declared
  sha256 TEXT NOT NULL,  -- value: of the file, empty if it could not be read
  UNIQUE (document)
) STRICT;
