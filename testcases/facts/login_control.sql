-- login_control: what a login surface answered to a credential of which the answer is known beforehand.
CREATE TABLE login_control (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  path TEXT NOT NULL,  -- key: where
  control TEXT NOT NULL CHECK (control IN ('negative', 'positive', 'unknown')),  -- key: random credentials must be refused; the declared ones accepted
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'blocked', 'unknown')),  -- value: what came
  UNIQUE (subject, method, path, control)
) STRICT;
