-- ssh_auth_method: an authentication method that an SSH server offers to an unknown user.
CREATE TABLE ssh_auth_method (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('none', 'password', 'publickey', 'keyboard-interactive', 'hostbased', 'gssapi-with-mic', 'other', 'unknown')),  -- key: which one
  UNIQUE (subject, method)
) STRICT;
