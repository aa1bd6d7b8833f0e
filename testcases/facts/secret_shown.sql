-- secret_shown: a secret that stood in a page.
CREATE TABLE secret_shown (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  page TEXT NOT NULL,  -- key: id of the declared call, or path of a login page
  account TEXT NOT NULL,  -- key: with whose session, empty for none
  whose TEXT NOT NULL,  -- key: account, or name of the planted value
  kind TEXT NOT NULL CHECK (kind IN ('password', 'factory-password', 'planted', 'unknown')),  -- key: what it is
  form TEXT NOT NULL CHECK (form IN ('clear', 'encoded', 'unknown')),  -- value: encoded: base64, hexadecimal, URL, HTML, JSON or UTF-16
  UNIQUE (subject, page, account, whose, kind)
) STRICT;
