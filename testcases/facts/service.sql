-- service: what speaks on an open port.
CREATE TABLE service (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  protocol TEXT NOT NULL CHECK (protocol IN ('http', 'ssh', 'telnet', 'ftp', 'smtp', 'mqtt', 'rtsp', 'snmp', 'dns', 'ntp', 'ssdp', 'mdns', 'coap', 'tftp', 'syslog', 'ike', 'smb', 'vnc', 'modbus', 'sip', 'onvif', 'other', 'none', 'unknown')),  -- value: application protocol
  tls TEXT NOT NULL CHECK (tls IN ('yes', 'no', 'unknown')),  -- value: whether it speaks inside TLS (or DTLS)
  starttls TEXT NOT NULL CHECK (starttls IN ('yes', 'no', 'unknown')),  -- value: whether it can change to TLS inside the protocol
  product TEXT NOT NULL,  -- value: product name as it tells, empty if it does not
  version TEXT NOT NULL,  -- value: version as it tells, empty if it does not
  banner TEXT NOT NULL,  -- volatile: first text that it sent, printable, at most 200 bytes
  UNIQUE (subject)
) STRICT;
