-- declared_component: a part of other people's software that the maker declares, by itself or in a submitted list (SPDX, CycloneDX).
CREATE TABLE declared_component (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  name TEXT NOT NULL,  -- key: as declared
  version TEXT NOT NULL,  -- key: as declared
  origin TEXT NOT NULL CHECK (origin IN ('declaration', 'spdx', 'cyclonedx', 'unknown')),  -- key: where it was declared
  component TEXT NOT NULL,  -- value: common name by reference table component_name
  release TEXT NOT NULL,  -- value: version of the maker of the software
  UNIQUE (name, version, origin)
) STRICT;
