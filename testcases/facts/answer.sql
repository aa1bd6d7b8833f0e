-- answer: an answer of a person or a document reviewer to one criterion.
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  criterion TEXT NOT NULL,  -- key: criterion id
  revision INTEGER NOT NULL,  -- key: 1, 2, …: the newest counts
  outcome TEXT NOT NULL CHECK (outcome IN ('conforms', 'does-not-conform', 'not-applicable', 'unknown')),  -- value: what the person found
  who TEXT NOT NULL,  -- value: name of the person
  second TEXT NOT NULL,  -- value: name of the second person who confirms it, empty if none
  text TEXT NOT NULL,  -- value: what was found
  method TEXT NOT NULL CHECK (method IN ('terminal', 'command', 'file', 'form', 'unknown')),  -- volatile: how it was given
  at TEXT NOT NULL,  -- volatile: when it was found, ISO time with its zone
  UNIQUE (criterion, revision)
) STRICT;
