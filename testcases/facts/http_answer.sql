-- http_answer: an answer of a web service to a request without login.
CREATE TABLE http_answer (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  path TEXT NOT NULL,  -- key: as requested
  purpose TEXT NOT NULL CHECK (purpose IN ('root', 'declared-resource', 'well-known', 'negative-control', 'login', 'listing', 'unknown')),  -- value: why it was requested
  status INTEGER NOT NULL,  -- value: status code
  clear_text TEXT NOT NULL CHECK (clear_text IN ('yes', 'no', 'unknown')),  -- value: whether it came without TLS
  redirect TEXT NOT NULL CHECK (redirect IN ('none', 'https-same-host', 'http-same-host', 'relative', 'other-host', 'unknown')),  -- value: where Location leads
  kind TEXT NOT NULL CHECK (kind IN ('empty', 'login-page', 'page', 'directory-listing', 'data', 'error', 'unknown')),  -- value: what the body is
  asks TEXT NOT NULL CHECK (asks IN ('none', 'basic', 'digest', 'form', 'other', 'unknown')),  -- value: credential asked for
  body_sha256 TEXT NOT NULL,  -- volatile: hash of the body
  length INTEGER NOT NULL,  -- volatile: bytes of the body
  UNIQUE (subject, path)
) STRICT;
