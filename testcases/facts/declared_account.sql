-- declared_account: an account that the maker declares.
CREATE TABLE declared_account (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  account TEXT NOT NULL,  -- key: its name
  role TEXT NOT NULL CHECK (role IN ('administrator', 'user', 'viewer', 'service', 'unknown')),  -- value: what it may do
  factory TEXT NOT NULL CHECK (factory IN ('yes', 'no', 'unknown')),  -- value: whether it exists in the shipped product
  password_given TEXT NOT NULL CHECK (password_given IN ('yes', 'no', 'unknown')),  -- value: whether its password was handed over
  factory_password_given TEXT NOT NULL CHECK (factory_password_given IN ('yes', 'no', 'unknown')),  -- value: whether the password of the shipped product was handed over
  sacrificial TEXT NOT NULL CHECK (sacrificial IN ('yes', 'no', 'unknown')),  -- value: whether it may be locked by a test
  UNIQUE (account)
) STRICT;
