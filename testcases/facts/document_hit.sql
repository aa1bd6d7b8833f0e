-- document_hit: where a submitted document holds a phrase that a criterion asks for.
CREATE TABLE document_hit (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: the text of the document
  criterion TEXT NOT NULL,  -- key: criterion id
  document TEXT NOT NULL,  -- key: kind and title, as in declared_document
  phrase TEXT NOT NULL,  -- key: one of the phrases of the criterion's step
  page INTEGER NOT NULL,  -- key: 1, 2, …; 0 where the document has no pages
  excerpt TEXT NOT NULL,  -- value: the text around the first place on that page
  UNIQUE (criterion, document, phrase, page)
) STRICT;
