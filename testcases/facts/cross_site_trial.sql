-- cross_site_trial: whether a changing call is carried out when the page of another site makes it.
CREATE TABLE cross_site_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  call TEXT NOT NULL,  -- key: id of the declared call
  method TEXT NOT NULL,  -- value: its HTTP method
  carrier TEXT NOT NULL CHECK (carrier IN ('cookie', 'other', 'unknown')),  -- value: cookie: a browser sends the session by itself; other: it does not
  same_site TEXT NOT NULL CHECK (same_site IN ('strict', 'lax', 'none', 'absent', 'unknown')),  -- value: weakest SameSite attribute of the cookies that carry the session; strict where none does
  own TEXT NOT NULL CHECK (own IN ('done', 'refused', 'unknown')),  -- value: what the device said to the call as its own page makes it
  foreign_page TEXT NOT NULL CHECK (foreign_page IN ('done', 'refused', 'unknown')),  -- value: what it said to the call as the page of another site makes it
  UNIQUE (subject, call)
) STRICT;
