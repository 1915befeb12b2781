-- How far the database has come, as every hub that works on it writes down outside of it too: one that stands behind what
-- its hub has seen was put back to an earlier instant. Made by the first hub, so that a new database has a history of its own.
CREATE TABLE database_mark (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  -- Another one begins whenever somebody has taken note that the database was put back.
  history uuid NOT NULL,
  seq bigint NOT NULL,
  marked_at timestamptz NOT NULL,
  -- The server that it was last used on.
  server_id text NOT NULL,
  timeline integer NOT NULL,
  -- The label of the physical copy that the server was started from, once somebody has taken note of it.
  backup_label text
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON database_mark TO crossdock_engine;

-- What is known of the backups that were taken of it.
CREATE TABLE backup_taken (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('logical', 'physical')),
  taken_at timestamptz NOT NULL,
  directory text NOT NULL,
  bytes bigint NOT NULL
);
CREATE INDEX backup_taken_at ON backup_taken (taken_at DESC);
GRANT SELECT ON backup_taken TO crossdock_engine;
