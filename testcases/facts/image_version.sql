-- image_version: a place in a firmware image that names a version of the product.
CREATE TABLE image_version (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the image, firmware:main
  inside TEXT NOT NULL,  -- key: way to the container in the image
  path TEXT NOT NULL,  -- key: path in the container
  field TEXT NOT NULL,  -- key: name of the field, empty for a file that holds the version alone
  place TEXT NOT NULL CHECK (place IN ('product', 'system', 'unknown')),  -- value: product: made for the version of the product; system: that of the distribution
  text TEXT NOT NULL,  -- value: as it stands
  wanted TEXT NOT NULL,  -- value: version that was declared, empty if none was
  same TEXT NOT NULL CHECK (same IN ('yes', 'no', 'unknown')),  -- value: whether the declared version stands there
  UNIQUE (subject, inside, path, field)
) STRICT;
