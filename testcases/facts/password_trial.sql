-- password_trial: a new password that the change function was asked to take.
CREATE TABLE password_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  account TEXT NOT NULL,  -- key: whose password
  sample TEXT NOT NULL,  -- key: name of the sample, such as 8-characters-2-classes
  property TEXT NOT NULL CHECK (property IN ('boundary', 'same-as-user', 'same-as-factory', 'sequence', 'repeat', 'well-known', 'conforming', 'unknown')),  -- value: what the sample is about
  length INTEGER NOT NULL,  -- value: characters
  classes INTEGER NOT NULL,  -- value: of digit, upper, lower, special
  secret INTEGER NOT NULL,  -- volatile: id of the password
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'unknown')),  -- value: accepted only if a login with it worked afterwards
  UNIQUE (subject, account, sample)
) STRICT;
