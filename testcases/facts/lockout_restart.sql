-- lockout_restart: whether a block of logins is still in force after the power was switched.
CREATE TABLE lockout_restart (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  account TEXT NOT NULL,  -- key: which account
  blocked TEXT NOT NULL CHECK (blocked IN ('yes', 'no', 'unknown')),  -- value: whether the right password was refused before the restart
  restarted TEXT NOT NULL CHECK (restarted IN ('yes', 'no', 'unknown')),  -- value: whether the power was switched and the device answered again
  held TEXT NOT NULL CHECK (held IN ('yes', 'no', 'unknown')),  -- value: whether the right password was still refused afterwards; unknown: the block had run out
  after_ms INTEGER NOT NULL,  -- volatile: from the last wrong try to the look after the restart
  UNIQUE (subject, method, account)
) STRICT;
