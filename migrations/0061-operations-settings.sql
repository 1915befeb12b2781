-- What people set about running the hub (replays, retention): one row per name, changed under its version.
CREATE TABLE operations_setting (
  tenant_id text NOT NULL,
  name text NOT NULL,
  value jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, name)
);
ALTER TABLE operations_setting ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON operations_setting TO crossdock_app
  USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
GRANT SELECT, INSERT, UPDATE ON operations_setting TO crossdock_app;
