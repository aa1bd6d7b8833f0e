-- login_time: how long a login surface takes to refuse a known user and an unfamiliar one, in pairs.
CREATE TABLE login_time (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  path TEXT NOT NULL,  -- key: where, empty if not HTTP or RTSP
  error_ppm INTEGER NOT NULL,  -- value: how often, in a million, the difference lies outside the two bounds at most
  pairs INTEGER NOT NULL,  -- volatile: pairs of tries, in an order drawn by lot
  known_us INTEGER NOT NULL,  -- volatile: median for a known user with a wrong password, microseconds
  unfamiliar_us INTEGER NOT NULL,  -- volatile: median for a user that does not exist
  difference_us INTEGER NOT NULL,  -- volatile: middle of the differences (Hodges-Lehmann), known less unfamiliar
  least_us INTEGER NOT NULL,  -- volatile: how far apart both are at least (signed-rank interval), 0 if no difference is shown
  greatest_us INTEGER NOT NULL,  -- volatile: how far apart both are at most
  UNIQUE (subject, method, path)
) STRICT;
