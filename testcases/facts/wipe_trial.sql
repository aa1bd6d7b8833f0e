-- wipe_trial: what of a user was in the device before a reset and after it.
CREATE TABLE wipe_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: where it was looked for, lan:tcp/443
  thing TEXT NOT NULL CHECK (thing IN ('data', 'session', 'account', 'password', 'unknown')),  -- key: data: a planted value; session: a login that was open; account: one that is not shipped; password: a changed one of a shipped account
  name TEXT NOT NULL,  -- key: of the planted value, login or account
  before TEXT NOT NULL CHECK (before IN ('there', 'gone', 'unknown')),  -- value: whether it was there, or could be used, before the reset
  after TEXT NOT NULL CHECK (after IN ('gone', 'there', 'unknown')),  -- value: after it
  message TEXT NOT NULL,  -- volatile: how that was seen, printable
  UNIQUE (subject, thing, name)
) STRICT;
