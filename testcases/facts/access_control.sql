-- access_control: what a service answered to a request of which the answer is known beforehand (a random path, a login).
CREATE TABLE access_control (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  state TEXT NOT NULL CHECK (state IN ('normal', 'factory', 'unknown')),  -- key: state of the device
  control TEXT NOT NULL CHECK (control IN ('negative', 'positive', 'unknown')),  -- key: a random target must be refused or absent; the same target with login must be granted
  outcome TEXT NOT NULL CHECK (outcome IN ('granted', 'refused', 'absent', 'unknown')),  -- value: what came
  UNIQUE (subject, state, control)
) STRICT;
