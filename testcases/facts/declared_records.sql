-- declared_records: how the maker says that the record of security events is read, erased and timed.
CREATE TABLE declared_records (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: the declaration
  subject TEXT NOT NULL,  -- key: always lan: the device
  read TEXT NOT NULL CHECK (read IN ('yes', 'no', 'unknown')),  -- value: whether a request shows the record
  listen TEXT NOT NULL CHECK (listen IN ('yes', 'no', 'unknown')),  -- value: whether the device sends its records to our syslog server
  erase TEXT NOT NULL CHECK (erase IN ('yes', 'none', 'no', 'unknown')),  -- value: whether the request that erases the record is declared; none: it is declared that there is none
  time_shown TEXT NOT NULL CHECK (time_shown IN ('yes', 'no', 'unknown')),  -- value: whether a request shows the time of the device
  time_set TEXT NOT NULL CHECK (time_set IN ('yes', 'no', 'unknown')),  -- value: whether a request that sets the time is declared
  time_server TEXT NOT NULL CHECK (time_server IN ('yes', 'no', 'unknown')),  -- value: whether the device asks a time server of ours
  UNIQUE (subject)
) STRICT;
