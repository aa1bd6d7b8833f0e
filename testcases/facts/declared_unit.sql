-- declared_unit: another unit of the same product that the maker hands over.
CREATE TABLE declared_unit (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  unit TEXT NOT NULL CHECK (unit IN ('second', 'unknown')),  -- key: which
  serial TEXT NOT NULL,  -- value: its serial number, empty if none is given
  address TEXT NOT NULL,  -- volatile: where it was reached
  UNIQUE (unit)
) STRICT;
