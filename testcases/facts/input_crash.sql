-- input_crash: a service that stopped answering after an input, with the shortest input that does it.
CREATE TABLE input_crash (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  protocol TEXT NOT NULL CHECK (protocol IN ('http', 'tls', 'ssh', 'mqtt', 'snmp', 'rtsp', 'coap', 'dns', 'ftp', 'telnet', 'unknown')),  -- value: what the input was made for
  target TEXT NOT NULL,  -- key: what it was sent to: method and path, or the message of the protocol
  place TEXT NOT NULL,  -- key: where in it: query, form, json, path, header … and the name, or the field of the message
  family TEXT NOT NULL CHECK (family IN ('command', 'sql', 'path', 'header', 'template', 'overlong', 'malformed', 'unknown')),  -- key: kind of the input
  effect TEXT NOT NULL CHECK (effect IN ('stays-away', 'comes-back', 'unknown')),  -- value: whether the service answered again by itself in the time of input.recovery
  repeated TEXT NOT NULL CHECK (repeated IN ('yes', 'no', 'not-tried', 'unknown')),  -- value: whether the same input did it once more, after the service was seen alive again
  probe TEXT NOT NULL,  -- value: name of the input, or how it is made: seed and number
  length INTEGER NOT NULL,  -- volatile: bytes of the shortest input that was seen to do it
  away_ms INTEGER NOT NULL,  -- volatile: how long the service was away, as far as it was watched
  sent TEXT NOT NULL,  -- volatile: beginning of the shortest input, printable
  sha256 TEXT NOT NULL,  -- volatile: of the shortest input, which is kept whole as evidence
  UNIQUE (subject, target, place, family)
) STRICT;
