-- cross_origin_answer: what an answer lets the pages of other sites read (CORS).
CREATE TABLE cross_origin_answer (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: path that was asked, with a session
  origin TEXT NOT NULL CHECK (origin IN ('foreign', 'null', 'look-alike', 'unknown')),  -- key: Origin that was sent: another site, null, or one whose name begins like the device's
  allows TEXT NOT NULL CHECK (allows IN ('none', 'same', 'any', 'other', 'unknown')),  -- value: Access-Control-Allow-Origin: absent, the Origin that was sent, *, or another
  credentials TEXT NOT NULL CHECK (credentials IN ('yes', 'no', 'unknown')),  -- value: whether Access-Control-Allow-Credentials is true
  UNIQUE (subject, path, origin)
) STRICT;
