-- secret_page: a page or answer that was looked through for secrets and password fields.
CREATE TABLE secret_page (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  page TEXT NOT NULL,  -- key: id of the declared call, or path of a login page
  account TEXT NOT NULL,  -- key: with whose session, empty for none
  looked TEXT NOT NULL CHECK (looked IN ('whole', 'partly', 'not-given', 'unknown')),  -- value: partly: it is longer than what is kept, broken off, or packed; not-given: refused
  fields TEXT NOT NULL CHECK (fields IN ('masked', 'clear', 'none', 'unknown')),  -- value: its fields for passwords; clear: at least one shows what is typed
  field TEXT NOT NULL,  -- value: name of the first such field, empty for none
  UNIQUE (subject, page, account)
) STRICT;
