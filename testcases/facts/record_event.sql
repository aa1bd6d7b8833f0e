-- record_event: a security event that was caused, and what the device recorded of it.
CREATE TABLE record_event (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: the record, or what was read where none came
  subject TEXT NOT NULL,  -- key: always lan: the device keeps one record
  event TEXT NOT NULL CHECK (event IN ('login', 'login-failure', 'change', 'update', 'unknown')),  -- key: what was caused; update: an attempt, whatever came of it
  place TEXT NOT NULL,  -- key: where, lan:tcp/443
  method TEXT NOT NULL,  -- key: the method of the login, or http for a request
  path TEXT NOT NULL,  -- key: of the login or the request, may be empty
  account TEXT NOT NULL,  -- value: whose doing it was, empty where nobody logged in
  caused TEXT NOT NULL CHECK (caused IN ('yes', 'no', 'unknown')),  -- value: whether the device did or refused what was asked, so that there was an event
  source TEXT NOT NULL CHECK (source IN ('read', 'syslog', 'none', 'unknown')),  -- value: where the record was seen
  recorded TEXT NOT NULL CHECK (recorded IN ('yes', 'no', 'unknown')),  -- value: whether a record of it appeared within the declared wait
  timed TEXT NOT NULL CHECK (timed IN ('yes', 'no', 'unknown')),  -- value: whether the record has a time
  offset_s INTEGER NOT NULL,  -- volatile: seconds by which that time lies outside the seconds of the event, by the clock of the device where it is shown, else by ours
  subject_named TEXT NOT NULL CHECK (subject_named IN ('yes', 'no', 'not-needed', 'unknown')),  -- value: whether the record names the account; not-needed: nobody logged in
  outcome_told TEXT NOT NULL CHECK (outcome_told IN ('yes', 'no', 'wrong', 'unknown')),  -- value: whether it tells success or failure; wrong: the other one
  text TEXT NOT NULL,  -- volatile: the record, printable
  UNIQUE (subject, event, place, method, path)
) STRICT;
