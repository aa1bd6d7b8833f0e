-- login_surface: a place that takes credentials.
CREATE TABLE login_surface (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  path TEXT NOT NULL,  -- key: where, empty if not HTTP or RTSP
  origin TEXT NOT NULL CHECK (origin IN ('declared', 'seen', 'both', 'unknown')),  -- value: how we know of it
  clear_text TEXT NOT NULL CHECK (clear_text IN ('yes', 'no', 'unknown')),  -- value: whether credentials travel without encryption
  usable TEXT NOT NULL CHECK (usable IN ('yes', 'no', 'unknown')),  -- value: whether our side can drive it
  UNIQUE (subject, method, path)
) STRICT;
