-- late_port: a port that is open after logins, with its state before any; ports that are open neither before nor after are not listed.
CREATE TABLE late_port (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/2323
  transport TEXT NOT NULL CHECK (transport IN ('tcp', 'udp', 'unknown')),  -- value: transport protocol
  number INTEGER NOT NULL,  -- value: port number
  before TEXT NOT NULL CHECK (before IN ('open', 'not-open', 'unknown')),  -- value: as the table port has it; not-open: closed, filtered, or a UDP port that answered none of the same questions
  after TEXT NOT NULL CHECK (after IN ('open', 'not-open', 'unknown')),  -- value: with the sessions of the logins
  UNIQUE (subject)
) STRICT;
