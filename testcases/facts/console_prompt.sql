-- console_prompt: what the console asks for when Enter is pressed and nobody is logged in.
CREATE TABLE console_prompt (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: console
  moment TEXT NOT NULL CHECK (moment IN ('running', 'boot', 'unknown')),  -- key: as found, or after the power was cut
  prompt TEXT NOT NULL CHECK (prompt IN ('login', 'password', 'shell', 'loader', 'none', 'unknown')),  -- value: which
  shell TEXT NOT NULL CHECK (shell IN ('yes', 'no', 'left-open', 'unknown')),  -- value: whether a command was answered (echo of a random word put together by the shell) before anybody logged in; left-open: after exit a login was asked for
  account TEXT NOT NULL,  -- value: whose shell it is, from id, printable, at most 64 bytes
  UNIQUE (subject, moment)
) STRICT;
