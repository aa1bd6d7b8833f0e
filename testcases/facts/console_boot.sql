-- console_boot: whether the boot can be interrupted at the console.
CREATE TABLE console_boot (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: console
  power TEXT NOT NULL CHECK (power IN ('hook', 'person', 'failed', 'none', 'unknown')),  -- value: who cut the power; none: no boot was seen, failed: the hook ended with an error
  loader TEXT NOT NULL CHECK (loader IN ('u-boot', 'barebox', 'redboot', 'cfe', 'grub', 'other', 'none', 'unknown')),  -- value: the boot loader that spoke
  interrupted TEXT NOT NULL CHECK (interrupted IN ('yes', 'no', 'unknown')),  -- value: whether a key stopped the boot; no: all keys were sent and the system started
  shell TEXT NOT NULL CHECK (shell IN ('open', 'password', 'none', 'unknown')),  -- value: what stands behind it: a command line that answered a harmless command, a password, or nothing
  system TEXT NOT NULL CHECK (system IN ('login', 'shell', 'silent', 'unknown')),  -- value: what the system asked for afterwards, when Enter was pressed
  banner TEXT NOT NULL,  -- value: first line of the boot loader, printable, at most 120 bytes
  command TEXT NOT NULL,  -- value: the harmless command that was answered, empty if none
  UNIQUE (subject)
) STRICT;
