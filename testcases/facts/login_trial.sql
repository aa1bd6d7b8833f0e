-- login_trial: a credential that was tried on a login surface.
CREATE TABLE login_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  path TEXT NOT NULL,  -- key: where
  account TEXT NOT NULL,  -- key: user name, empty for none (SNMP community)
  credential TEXT NOT NULL,  -- key: what was tried, never the value: list entry, declared-factory, blank, same-as-user, test-account-same, test-account-blank
  origin TEXT NOT NULL CHECK (origin IN ('declared-factory', 'well-known', 'maker-specific', 'blank', 'same-as-user', 'test-account', 'unknown')),  -- value: where it comes from
  list TEXT NOT NULL,  -- value: id of the reference list, empty if none
  secret INTEGER NOT NULL,  -- volatile: id of the tried password
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'blocked', 'not-tried', 'unknown')),  -- value: what came
  right TEXT NOT NULL CHECK (right IN ('yes', 'no', 'unknown')),  -- value: whether it is the credential in force that the maker declared
  UNIQUE (subject, method, path, account, credential)
) STRICT;
