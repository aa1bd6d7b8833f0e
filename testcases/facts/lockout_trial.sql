-- lockout_trial: what a login surface does against repeated failures.
CREATE TABLE lockout_trial (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it
  subject TEXT NOT NULL,  -- key: the endpoint, lan:tcp/443
  method TEXT NOT NULL CHECK (method IN ('http-basic', 'http-digest', 'http-form', 'http-json', 'ssh', 'telnet', 'ftp', 'mqtt', 'snmp', 'rtsp', 'unknown')),  -- key: how
  account TEXT NOT NULL,  -- key: which account
  attempts INTEGER NOT NULL,  -- value: wrong tries made in a row
  blocked TEXT NOT NULL CHECK (blocked IN ('yes', 'no', 'unknown')),  -- value: whether a block came
  failures INTEGER NOT NULL,  -- value: wrong tries until the block, 0 if none came
  block_seconds INTEGER NOT NULL,  -- value: measured time from block to the first accepted right password, 0 if none or not seen to end
  block_ended TEXT NOT NULL CHECK (block_ended IN ('yes', 'no', 'unknown')),  -- value: whether the right password was accepted again within the time watched
  watched_seconds INTEGER NOT NULL,  -- value: how long was watched for the end
  right_refused TEXT NOT NULL CHECK (right_refused IN ('yes', 'no', 'unknown')),  -- value: whether the right password was refused while blocked
  counts TEXT NOT NULL CHECK (counts IN ('account', 'address', 'both', 'unknown')),  -- value: what the count belongs to, by a second account or address
  delay_ms INTEGER NOT NULL,  -- volatile: delay of the last refusals
  UNIQUE (subject, method, account)
) STRICT;
