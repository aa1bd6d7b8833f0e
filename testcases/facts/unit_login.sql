-- unit_login: a factory credential of one of two units, tried on one of them.
CREATE TABLE unit_login (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  path TEXT NOT NULL,  -- key: where
  account TEXT NOT NULL,  -- key: user name
  unit TEXT NOT NULL CHECK (unit IN ('first', 'second', 'unknown')),  -- key: the unit that was asked
  credential TEXT NOT NULL CHECK (credential IN ('first-factory', 'second-factory', 'random', 'unknown')),  -- key: whose factory password, or one that nobody has
  moment TEXT NOT NULL CHECK (moment IN ('as-found', 'factory', 'unknown')),  -- key: the unit as it stands, or after it was brought to its factory state
  secret INTEGER NOT NULL,  -- volatile: id of the tried password
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'blocked', 'not-tried', 'unknown')),  -- value: what came
  UNIQUE (subject, method, path, account, unit, credential, moment)
) STRICT;
