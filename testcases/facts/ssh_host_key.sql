-- ssh_host_key: a host key of an SSH server.
CREATE TABLE ssh_host_key (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  algorithm TEXT NOT NULL,  -- key: key type, such as ssh-ed25519
  bits INTEGER NOT NULL,  -- value: size
  fingerprint TEXT NOT NULL,  -- value: SHA256:… of the key blob
  UNIQUE (subject, algorithm)
) STRICT;
