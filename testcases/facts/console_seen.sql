-- console_seen: what came out of the console.
CREATE TABLE console_seen (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: console
  moment TEXT NOT NULL CHECK (moment IN ('running', 'boot', 'unknown')),  -- key: as found, or after the power was cut
  state TEXT NOT NULL CHECK (state IN ('text', 'garbage', 'silent', 'unopened', 'unknown')),  -- value: readable text, bytes that are none (the speed is doubtful), nothing, or it could not be opened
  loader TEXT NOT NULL CHECK (loader IN ('u-boot', 'barebox', 'redboot', 'cfe', 'grub', 'other', 'none', 'unknown')),  -- value: the boot loader that spoke
  kernel TEXT NOT NULL CHECK (kernel IN ('yes', 'no', 'unknown')),  -- value: whether the system was seen to start
  bytes INTEGER NOT NULL,  -- volatile: that came
  banner TEXT NOT NULL,  -- value: first line of the boot loader, printable, at most 120 bytes
  UNIQUE (subject, moment)
) STRICT;
