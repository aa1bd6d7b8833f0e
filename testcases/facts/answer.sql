-- answer: an answer of a person or a document reviewer to one criterion.
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  criterion TEXT NOT NULL,  -- key: criterion id
  revision INTEGER NOT NULL,  -- key: 1, 2, …: the newest counts
  outcome TEXT NOT NULL CHECK (outcome IN ('conforms', 'does-not-conform', 'not-applicable', 'unknown')),  -- value: what the person found
  who TEXT NOT NULL,  -- value: name of the person
  text TEXT NOT NULL,  -- value: what was found
  UNIQUE (criterion, revision)
) STRICT;
