-- input_control: whether a target answered an ordinary request as before, around the hostile input.
CREATE TABLE input_control (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  target TEXT NOT NULL,  -- key: as in input_trial
  family TEXT NOT NULL CHECK (family IN ('injection', 'malformed', 'unknown')),  -- key: injection: command, sql, path, header, template; malformed: malformed and overlong
  ordinary TEXT NOT NULL CHECK (ordinary IN ('answered', 'not-answered', 'unknown')),  -- value: whether the ordinary request was answered before and after, and alike
  UNIQUE (subject, target, family)
) STRICT;
