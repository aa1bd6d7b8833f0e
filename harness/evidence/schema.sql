-- The tables of a run file that do not depend on what is certified. Fact tables come on top, from
-- testcases/facts. Every table has an id and the link (transaction) that wrote the row; triggers
-- made by the writer refuse UPDATE and DELETE on every table.

-- link: one per transaction, chained by hashes.
CREATE TABLE link (
  n      INTEGER PRIMARY KEY,      -- 1, 2, 3 … without a gap
  at     TEXT NOT NULL,            -- when, UTC
  what   TEXT NOT NULL,            -- why it was written: create, plan, procedure tls, judge …
  prev   BLOB NOT NULL,            -- hash of link n-1; of link 1: 32 zero bytes
  digest BLOB NOT NULL,            -- SHA-256 over all rows that name this link
  hash   BLOB NOT NULL             -- SHA-256 over n, at, what, prev and digest
) STRICT;

-- leaf: where a changed row is found again; not part of the chain.
CREATE TABLE leaf (
  id     INTEGER PRIMARY KEY,
  link   INTEGER NOT NULL REFERENCES link(n),
  tbl    TEXT NOT NULL,
  row    INTEGER NOT NULL,
  digest BLOB NOT NULL,            -- SHA-256 of the row
  cells  BLOB NOT NULL             -- first 4 bytes of the SHA-256 of each cell, in column order
) STRICT;

-- seal: a signature over (n, hash) of a link.
CREATE TABLE seal (
  id         INTEGER PRIMARY KEY,
  n          INTEGER NOT NULL REFERENCES link(n),
  at         TEXT NOT NULL,
  algorithm  TEXT NOT NULL CHECK (algorithm IN ('ed25519', 'ecdsa-sha256', 'ecdsa-sha384', 'rsa-pss-sha256')),
  public_key BLOB NOT NULL,        -- SubjectPublicKeyInfo, DER
  signature  BLOB NOT NULL
) STRICT;

-- stamp: a time stamp over the signature of a seal; not part of the chain.
CREATE TABLE stamp (
  id    INTEGER PRIMARY KEY,
  seal  INTEGER NOT NULL REFERENCES seal(id),
  token BLOB NOT NULL              -- TimeStampToken (RFC 3161), DER
) STRICT;

-- run: what was asked for, with which tool, where.
CREATE TABLE run (
  id    INTEGER PRIMARY KEY,
  link  INTEGER NOT NULL REFERENCES link(n),
  name  TEXT NOT NULL UNIQUE,      -- uuid, tool, commit, started, device, type, profile, only, permit, host …
  value TEXT NOT NULL
) STRICT;

-- document: texts that the run rests on, word for word.
CREATE TABLE document (
  id     INTEGER PRIMARY KEY,
  link   INTEGER NOT NULL REFERENCES link(n),
  kind   TEXT NOT NULL CHECK (kind IN ('declaration', 'catalogue', 'profile', 'limits', 'fact-table', 'schema', 'waivers', 'answers', 'particulars')),
  name   TEXT NOT NULL,
  sha256 TEXT NOT NULL,            -- of the text as the person wrote it, before redaction
  text   TEXT NOT NULL
) STRICT;

-- plan_item: one row per item of the catalogue, also for those that are not tested.
CREATE TABLE plan_item (
  id       INTEGER PRIMARY KEY,
  link     INTEGER NOT NULL REFERENCES link(n),
  item     TEXT NOT NULL UNIQUE,
  selected TEXT NOT NULL CHECK (selected IN ('planned', 'outside-type', 'excluded')),
  reason   TEXT NOT NULL
) STRICT;

-- plan_criterion: every result that the run has to come to.
CREATE TABLE plan_criterion (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  item      TEXT NOT NULL REFERENCES plan_item(item),
  criterion TEXT NOT NULL UNIQUE,
  source    TEXT NOT NULL CHECK (source IN ('probe', 'capture', 'firmware', 'document', 'operator'))
) STRICT;

-- plan_procedure: every procedure, also those that may not run.
CREATE TABLE plan_procedure (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  procedure TEXT NOT NULL UNIQUE,
  version   INTEGER NOT NULL,
  hazard    TEXT NOT NULL,
  topics    TEXT NOT NULL,         -- coverage topics that it provides, blank-separated
  state     TEXT NOT NULL CHECK (state IN ('planned', 'not-permitted', 'excluded')),
  reason    TEXT NOT NULL
) STRICT;

-- procedure_state: what became of a procedure; the last row counts.
CREATE TABLE procedure_state (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  procedure TEXT NOT NULL REFERENCES plan_procedure(procedure),
  state     TEXT NOT NULL CHECK (state IN ('started', 'finished', 'failed', 'interrupted', 'skipped')),
  at        TEXT NOT NULL,
  cause     TEXT NOT NULL CHECK (cause IN ('none', 'device', 'lab', 'tool', 'declaration', 'operator')),
  reason    TEXT NOT NULL
) STRICT;

-- coverage: how far was looked. A missing record makes inconclusive what needs it.
CREATE TABLE coverage (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  topic     TEXT NOT NULL,
  subject   TEXT NOT NULL,         -- lan, or one endpoint
  state     TEXT NOT NULL CHECK (state IN ('complete', 'partial', 'tainted')),
  cause     TEXT NOT NULL CHECK (cause IN ('none', 'device', 'lab', 'tool', 'declaration', 'operator')),
  why       TEXT NOT NULL,
  tried     TEXT NOT NULL,         -- lists (with hash) and parameter values
  procedure TEXT NOT NULL,
  version   INTEGER NOT NULL,
  UNIQUE (topic, subject)
) STRICT;

-- evidence: what was seen; the content enters the chain as a salted commitment.
CREATE TABLE evidence (
  id         INTEGER PRIMARY KEY,
  link       INTEGER NOT NULL REFERENCES link(n),
  procedure  TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('transcript', 'artefact', 'document')),
  subject    TEXT NOT NULL,
  label      TEXT NOT NULL,
  media_type TEXT NOT NULL,        -- application/x-haetae-transcript for transcripts
  at         TEXT NOT NULL,
  size       INTEGER NOT NULL,     -- bytes kept
  cut        INTEGER NOT NULL,     -- bytes seen beyond the limit, counted and not kept
  commitment BLOB NOT NULL         -- SHA-256 over salt and SHA-256 of the content
) STRICT;
CREATE TABLE evidence_salt (
  evidence INTEGER PRIMARY KEY REFERENCES evidence(id),
  link     INTEGER NOT NULL REFERENCES link(n),
  salt     BLOB NOT NULL
) STRICT;
CREATE TABLE evidence_chunk (
  id       INTEGER PRIMARY KEY,
  link     INTEGER NOT NULL REFERENCES link(n),
  evidence INTEGER NOT NULL REFERENCES evidence(id),
  n        INTEGER NOT NULL,       -- 0, 1, 2 …, 1 MiB each but the last
  bytes    BLOB NOT NULL,
  UNIQUE (evidence, n)
) STRICT;

-- secret: a password or token; facts name its id, the chain holds its commitment.
CREATE TABLE secret (
  id         INTEGER PRIMARY KEY,
  link       INTEGER NOT NULL REFERENCES link(n),
  kind       TEXT NOT NULL,
  commitment BLOB NOT NULL         -- SHA-256 over salt and SHA-256 of the value
) STRICT;
CREATE TABLE secret_value (
  secret INTEGER PRIMARY KEY REFERENCES secret(id),
  link   INTEGER NOT NULL REFERENCES link(n),
  salt   BLOB NOT NULL,
  value  TEXT NOT NULL
) STRICT;

-- log: what happened to the run itself.
CREATE TABLE log (
  id    INTEGER PRIMARY KEY,
  link  INTEGER NOT NULL REFERENCES link(n),
  at    TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
  text  TEXT NOT NULL
) STRICT;

-- revision: one judgement of the facts; the newest is in force.
CREATE TABLE revision (
  id         INTEGER PRIMARY KEY,
  link       INTEGER NOT NULL REFERENCES link(n),
  at         TEXT NOT NULL,
  tested_at  TEXT NOT NULL,        -- what "now" meant in the criteria
  catalogue  TEXT NOT NULL,        -- id of the catalogue
  edition    TEXT NOT NULL,
  sha256     TEXT NOT NULL,        -- of the catalogue text (document.sha256)
  profile    TEXT NOT NULL,
  type       TEXT NOT NULL,
  tool       TEXT NOT NULL,
  root       TEXT NOT NULL,        -- hash of the newest link when it was judged, hex
  whole      INTEGER NOT NULL CHECK (whole IN (0, 1)),
  headline   TEXT NOT NULL CHECK (headline IN ('conformant', 'incomplete', 'non-conformant')),
  reason     TEXT NOT NULL
) STRICT;
CREATE TABLE verdict_item (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  revision  INTEGER NOT NULL REFERENCES revision(id),
  item      TEXT NOT NULL,
  selected  TEXT NOT NULL CHECK (selected IN ('planned', 'outside-type', 'excluded')),
  verdict   TEXT NOT NULL CHECK (verdict IN ('not-applicable', 'pass', 'pending', 'not-run', 'inconclusive', 'fail')),
  cause     TEXT NOT NULL,
  reason_ko TEXT NOT NULL,
  reason_en TEXT NOT NULL,
  UNIQUE (revision, item)
) STRICT;
CREATE TABLE verdict_criterion (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  revision  INTEGER NOT NULL REFERENCES revision(id),
  item      TEXT NOT NULL,
  criterion TEXT NOT NULL,
  verdict   TEXT NOT NULL CHECK (verdict IN ('not-applicable', 'pass', 'pending', 'not-run', 'inconclusive', 'fail')),
  cause     TEXT NOT NULL,
  reason_ko TEXT NOT NULL,
  reason_en TEXT NOT NULL,
  UNIQUE (revision, criterion)
) STRICT;
CREATE TABLE verdict_subject (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  revision  INTEGER NOT NULL REFERENCES revision(id),
  criterion TEXT NOT NULL,
  subject   TEXT NOT NULL,
  verdict   TEXT NOT NULL CHECK (verdict IN ('not-applicable', 'pass', 'pending', 'not-run', 'inconclusive', 'fail')),
  cause     TEXT NOT NULL,
  reason_ko TEXT NOT NULL,
  reason_en TEXT NOT NULL,
  UNIQUE (revision, criterion, subject)
) STRICT;
-- finding: one breach; (criterion, subject, key) is its stable name.
CREATE TABLE finding (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  revision  INTEGER NOT NULL REFERENCES revision(id),
  criterion TEXT NOT NULL,
  subject   TEXT NOT NULL,
  key       TEXT NOT NULL,
  says_ko   TEXT NOT NULL,
  says_en   TEXT NOT NULL,
  remedy_ko TEXT NOT NULL,
  remedy_en TEXT NOT NULL,
  replay    TEXT NOT NULL,         -- a command with public tools that shows the same; empty if none
  UNIQUE (revision, criterion, subject, key)
) STRICT;
-- citation: the evidence behind a subject's verdict; finding is 0 for what a pass rests on.
CREATE TABLE citation (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  revision  INTEGER NOT NULL REFERENCES revision(id),
  criterion TEXT NOT NULL,
  subject   TEXT NOT NULL,
  finding   INTEGER NOT NULL,
  evidence  INTEGER NOT NULL REFERENCES evidence(id),
  UNIQUE (revision, criterion, subject, finding, evidence)
) STRICT;

-- unstable: a fact that did not come out the same each time its procedure was repeated.
CREATE TABLE unstable (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  procedure TEXT NOT NULL,
  tbl       TEXT NOT NULL,         -- fact table
  row_key   TEXT NOT NULL,         -- its key columns, name=value, blank-separated
  same      INTEGER NOT NULL,      -- how often it came out as the fact says
  of        INTEGER NOT NULL,      -- how often it was looked
  UNIQUE (tbl, row_key)
) STRICT;

-- waiver: a finding of a revision that is known and accepted until a date. It changes no verdict.
CREATE TABLE waiver (
  id        INTEGER PRIMARY KEY,
  link      INTEGER NOT NULL REFERENCES link(n),
  revision  INTEGER NOT NULL REFERENCES revision(id),
  target    TEXT NOT NULL,         -- code of a finding (F-…), or an item
  reason    TEXT NOT NULL,
  author    TEXT NOT NULL,
  approver  TEXT NOT NULL,
  expires   TEXT NOT NULL,         -- as written, with its time zone
  state     TEXT NOT NULL CHECK (state IN ('in-force', 'expired')),
  signer    TEXT NOT NULL,         -- SHA-256 of the public key that signed the file, hex; empty if unsigned
  UNIQUE (revision, target)
) STRICT;

-- report: one that was issued under a number; never changed, only replaced by another.
CREATE TABLE report (
  id       INTEGER PRIMARY KEY,
  link     INTEGER NOT NULL REFERENCES link(n),
  number   TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL REFERENCES revision(id),
  at       TEXT NOT NULL,
  replaces TEXT NOT NULL,          -- number of the report that it replaces; empty if none
  reason   TEXT NOT NULL           -- why it replaces another; empty for a first issue
) STRICT;
-- report_file: the files of a report, so that a copy can be told from a changed one.
CREATE TABLE report_file (
  id       INTEGER PRIMARY KEY,
  link     INTEGER NOT NULL REFERENCES link(n),
  report   TEXT NOT NULL REFERENCES report(number),
  format   TEXT NOT NULL,          -- pdf, html, json …
  language TEXT NOT NULL CHECK (language IN ('ko', 'en', 'both')),
  size     INTEGER NOT NULL,
  sha256   TEXT NOT NULL UNIQUE
) STRICT;
