-- elf_file: a program, library or kernel module in a firmware image, as its headers and symbol tables show it.
CREATE TABLE elf_file (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  kind TEXT NOT NULL CHECK (kind IN ('program', 'static-program', 'library', 'module', 'kernel', 'object', 'core', 'unknown')),  -- value: what it is; a module is one of the kernel, and a boot loader counts as kernel
  bits TEXT NOT NULL CHECK (bits IN ('32', '64', 'unknown')),  -- value: class
  byte_order TEXT NOT NULL CHECK (byte_order IN ('little', 'big', 'unknown')),  -- value: byte order
  machine TEXT NOT NULL,  -- value: processor
  nx TEXT NOT NULL CHECK (nx IN ('present', 'absent', 'not-applicable', 'unknown')),  -- value: whether the stack is not executable
  pie TEXT NOT NULL CHECK (pie IN ('present', 'absent', 'not-applicable', 'unknown')),  -- value: whether a program can be loaded at any address
  relro TEXT NOT NULL CHECK (relro IN ('full', 'partial', 'absent', 'not-applicable', 'unknown')),  -- value: whether the tables of the linker are made read-only
  canary TEXT NOT NULL CHECK (canary IN ('present', 'absent', 'not-applicable', 'unknown')),  -- value: whether some function calls the check of the stack; absent: none does
  fortify TEXT NOT NULL CHECK (fortify IN ('present', 'absent', 'not-applicable', 'unknown')),  -- value: whether checked variants (__*_chk) are imported; absent: only unchecked ones, not-applicable: nothing that has one, or another C library
  symbols TEXT NOT NULL CHECK (symbols IN ('yes', 'no', 'unknown')),  -- value: whether a symbol table stands beside the one for linking
  debug TEXT NOT NULL CHECK (debug IN ('yes', 'no', 'unknown')),  -- value: whether debug data (DWARF, stabs) is in it
  imports TEXT NOT NULL CHECK (imports IN ('known', 'unknown')),  -- value: whether its imported functions can be told
  unbounded_copies INTEGER NOT NULL,  -- value: imported functions that copy without a limit, such as strcpy
  shell_calls INTEGER NOT NULL,  -- value: imported functions that start a shell, such as system
  UNIQUE (subject, inside, path)
) STRICT;
