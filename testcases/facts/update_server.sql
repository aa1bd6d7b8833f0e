-- update_server: whether the device took an update server of ours for its own.
CREATE TABLE update_server (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: always lan: the device asks
  server TEXT NOT NULL CHECK (server IN ('untrusted', 'trusted', 'clear', 'unknown')),  -- key: what the server showed: a certificate that nobody trusts, the one that the maker handed over, or none
  connected TEXT NOT NULL CHECK (connected IN ('yes', 'no', 'unknown')),  -- value: whether the device connected
  asked TEXT NOT NULL CHECK (asked IN ('yes', 'no', 'unknown')),  -- value: whether it sent a request, so that the server was believed
  fetched TEXT NOT NULL CHECK (fetched IN ('yes', 'no', 'unknown')),  -- value: whether it fetched the image
  message TEXT NOT NULL,  -- value: how the connection ended, or what was asked, printable
  UNIQUE (subject, server)
) STRICT;
