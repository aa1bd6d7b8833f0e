-- public_page: a page of the maker that everybody is to read, asked for without login.
CREATE TABLE public_page (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  page TEXT NOT NULL CHECK (page IN ('security-txt', 'support-period', 'unknown')),  -- key: which page
  subject TEXT NOT NULL,  -- key: where: lan:tcp/443, or site:NAME of a server beside the device
  path TEXT NOT NULL,  -- key: where
  outcome TEXT NOT NULL CHECK (outcome IN ('given', 'absent', 'refused', 'unknown')),  -- value: given: status 200 with a content; absent: 404 or 410; refused: a login or another page is asked for
  tls TEXT NOT NULL CHECK (tls IN ('yes', 'no', 'unknown')),  -- value: whether it came inside TLS
  media TEXT NOT NULL CHECK (media IN ('text', 'html', 'other', 'unknown')),  -- value: kind of the content by Content-Type: text/plain, text/html or another
  status INTEGER NOT NULL,  -- value: HTTP status, 0 without an answer
  UNIQUE (page, subject, path)
) STRICT;
