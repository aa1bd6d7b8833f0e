-- declared_service: a service that the maker declares as needed.
CREATE TABLE declared_service (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  protocol TEXT NOT NULL CHECK (protocol IN ('http', 'ssh', 'telnet', 'ftp', 'smtp', 'mqtt', 'rtsp', 'snmp', 'dns', 'ntp', 'ssdp', 'mdns', 'coap', 'tftp', 'syslog', 'ike', 'smb', 'vnc', 'modbus', 'sip', 'onvif', 'other', 'none', 'unknown')),  -- value: what should speak there
  tls TEXT NOT NULL CHECK (tls IN ('yes', 'no', 'unknown')),  -- value: whether inside TLS
  management TEXT NOT NULL CHECK (management IN ('yes', 'no', 'unknown')),  -- value: whether the device is administered through it
  purpose TEXT NOT NULL,  -- value: why it is needed, as declared
  UNIQUE (subject)
) STRICT;
