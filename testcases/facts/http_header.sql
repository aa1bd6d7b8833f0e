-- http_header: a header of the answer to the request for /.
CREATE TABLE http_header (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: as requested
  name TEXT NOT NULL,  -- key: lower case
  text TEXT NOT NULL,  -- value: printable, at most 500 bytes
  UNIQUE (subject, path, name)
) STRICT;
