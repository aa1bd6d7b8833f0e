-- http_cookie: a cookie that a web service sets.
CREATE TABLE http_cookie (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  name TEXT NOT NULL,  -- key: name of the cookie
  session TEXT NOT NULL CHECK (session IN ('yes', 'no', 'unknown')),  -- value: whether it carries a session (set by a successful login, or declared)
  secure TEXT NOT NULL CHECK (secure IN ('yes', 'no', 'unknown')),  -- value: Secure attribute
  http_only TEXT NOT NULL CHECK (http_only IN ('yes', 'no', 'unknown')),  -- value: HttpOnly attribute
  same_site TEXT NOT NULL CHECK (same_site IN ('strict', 'lax', 'none', 'absent', 'unknown')),  -- value: SameSite attribute
  clear_text TEXT NOT NULL CHECK (clear_text IN ('yes', 'no', 'unknown')),  -- value: whether it was set over a connection without TLS
  UNIQUE (subject, name)
) STRICT;
