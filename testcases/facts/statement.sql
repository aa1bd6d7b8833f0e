-- statement: what the maker says of one item.
CREATE TABLE statement (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  item TEXT NOT NULL,  -- key: item id
  applies TEXT NOT NULL CHECK (applies IN ('yes', 'no', 'unknown')),  -- value: whether it applies to the product
  reason TEXT NOT NULL,  -- value: why not, as declared
  UNIQUE (item)
) STRICT;
