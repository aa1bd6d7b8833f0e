-- login_answer: whether a login surface answers an unfamiliar user and a wrong password alike.
CREATE TABLE login_answer (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  path TEXT NOT NULL,  -- key: where, empty if not HTTP or RTSP
  aspect TEXT NOT NULL CHECK (aspect IN ('status', 'fields', 'text', 'length', 'unknown')),  -- key: of the answer: status code, names of header fields with Location, text without both user names, bytes
  alike TEXT NOT NULL CHECK (alike IN ('yes', 'no', 'unknown')),  -- value: whether both kinds of failure are answered alike; unknown: the answers to one kind differ among themselves
  known TEXT NOT NULL,  -- value: of the answers to a known user with a wrong password, from where they differ
  unfamiliar TEXT NOT NULL,  -- value: of the answers to a user that does not exist
  pairs INTEGER NOT NULL,  -- volatile: answers of each kind
  UNIQUE (subject, method, path, aspect)
) STRICT;
