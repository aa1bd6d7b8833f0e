-- session_limit: how many sessions of one account live at once.
CREATE TABLE session_limit (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: where the login is sent
  declared INTEGER NOT NULL,  -- value: how many may live, as declared; 0: not declared
  tried INTEGER NOT NULL,  -- value: logins that were made one after the other, without logout
  opened INTEGER NOT NULL,  -- volatile: of these, accepted
  alive INTEGER NOT NULL,  -- value: sessions that open the check page after the last login
  UNIQUE (subject, path)
) STRICT;
