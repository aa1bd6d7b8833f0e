-- input_trial: what became of hostile input of one kind at one place of a service.
CREATE TABLE input_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  protocol TEXT NOT NULL CHECK (protocol IN ('http', 'tls', 'ssh', 'mqtt', 'snmp', 'rtsp', 'coap', 'dns', 'ftp', 'telnet', 'unknown')),  -- value: what the input was made for
  target TEXT NOT NULL,  -- key: what it was sent to: method and path, or the message of the protocol
  place TEXT NOT NULL,  -- key: where in it: query, form, json, path, header … and the name, or the field of the message
  family TEXT NOT NULL CHECK (family IN ('command', 'sql', 'path', 'header', 'template', 'overlong', 'malformed', 'unknown')),  -- key: kind of the input
  outcome TEXT NOT NULL CHECK (outcome IN ('handled', 'executed', 'crashed', 'unknown')),  -- value: handled: answered, refused or dropped, and nothing more; executed: the device did what stood in it; crashed: the service stopped answering
  basis TEXT NOT NULL CHECK (basis IN ('nothing', 'computed', 'content', 'delay', 'callback', 'condition', 'error', 'header', 'login', 'liveness', 'unknown')),  -- value: what told it: a result that only execution gives, content of a file, the time it took, a connection to us, answers that follow a condition, an error that goes with the input, a header of ours, a login, the service going away
  probe TEXT NOT NULL,  -- value: name of the input that showed it, empty if none did
  sent TEXT NOT NULL,  -- volatile: the input that showed it, printable
  seen TEXT NOT NULL,  -- volatile: what showed it, printable
  tried INTEGER NOT NULL,  -- volatile: how many inputs of this kind were sent there
  UNIQUE (subject, target, place, family)
) STRICT;
