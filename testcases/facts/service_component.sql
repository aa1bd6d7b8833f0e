-- service_component: software of another maker that a service names, with its version.
CREATE TABLE service_component (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  product TEXT NOT NULL,  -- key: as the service names it
  version TEXT NOT NULL,  -- value: as the service names it
  component TEXT NOT NULL,  -- value: common name of the component
  release TEXT NOT NULL,  -- value: the version as it is compared, empty if it has none
  packaged TEXT NOT NULL CHECK (packaged IN ('yes', 'no', 'unknown')),  -- value: whether a distribution made it, which may put fixes into older versions
  list TEXT NOT NULL,  -- value: name of the list that it was compared with, empty if there is none
  dated TEXT NOT NULL,  -- value: date of the list
  age_days INTEGER NOT NULL,  -- volatile: days from that date to the test
  complete TEXT NOT NULL CHECK (complete IN ('yes', 'no', 'unknown')),  -- value: whether all known vulnerabilities of the component are in the list
  UNIQUE (subject, product)
) STRICT;
