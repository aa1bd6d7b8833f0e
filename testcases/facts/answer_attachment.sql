-- answer_attachment: a file that belongs to an answer; its content is the evidence.
CREATE TABLE answer_attachment (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: its content
  criterion TEXT NOT NULL,  -- key: criterion id
  revision INTEGER NOT NULL,  -- key: of the answer
  position INTEGER NOT NULL,  -- key: 1, 2, … within the answer
  name TEXT NOT NULL,  -- value: name of the file, without folders
  media_type TEXT NOT NULL,  -- value: by its content, not by its name
  sha256 TEXT NOT NULL,  -- value: of its content
  size INTEGER NOT NULL,  -- value: in bytes
  UNIQUE (criterion, revision, position)
) STRICT;
