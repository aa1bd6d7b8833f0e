-- error_answer: whether the answers to wrong input show something of the inside of the device.
CREATE TABLE error_answer (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  target TEXT NOT NULL,  -- key: method and path
  family TEXT NOT NULL CHECK (family IN ('command', 'sql', 'path', 'header', 'template', 'overlong', 'malformed', 'unknown-path', 'method', 'unknown')),  -- key: what was wrong with the input
  reveals TEXT NOT NULL CHECK (reveals IN ('yes', 'no', 'unknown')),  -- value: whether an answer held a listed text that the ordinary answer has not
  marker TEXT NOT NULL,  -- value: name of the text in the reference table, empty if none
  kind TEXT NOT NULL CHECK (kind IN ('none', 'stack-trace', 'database', 'interpreter', 'shell', 'file-path', 'address', 'unknown')),  -- value: what it shows
  sent TEXT NOT NULL,  -- volatile: the input, printable
  text TEXT NOT NULL,  -- volatile: the place of the answer, printable
  UNIQUE (subject, target, family)
) STRICT;
