-- firmware_part: a stretch of a firmware image that is one thing: a header, a compressed stream, a file system, or bytes that nothing recognised.
CREATE TABLE firmware_part (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the stream that holds it, such as uimage@0/gzip@64; empty in the image itself
  offset INTEGER NOT NULL,  -- key: first byte, in the image or in that stream
  length INTEGER NOT NULL,  -- value: bytes
  format TEXT NOT NULL,  -- key: such as squashfs, uimage, gzip, padding; unknown where nothing recognised it
  state TEXT NOT NULL CHECK (state IN ('unpacked', 'plain', 'encrypted', 'unsupported', 'damaged', 'bounded', 'unknown')),  -- value: whether it was opened; plain holds no files, bounded ended at a limit of ours
  why TEXT NOT NULL,  -- value: reason, unless unpacked or plain
  UNIQUE (subject, inside, offset, format)
) STRICT;
