-- Filters of a queue that somebody keeps under a name, for themselves.
CREATE TABLE saved_view (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  -- Whose: as in the audit, e.g. `user:…`.
  actor text NOT NULL,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
  filters jsonb NOT NULL,
  saved_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, actor, name)
);
ALTER TABLE saved_view ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON saved_view TO crossdock_app, crossdock_engine
  USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_view TO crossdock_app, crossdock_engine;
