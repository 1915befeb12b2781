-- A restored hub does not know what it did after the backup was taken. Until people say so, its connections stay paused.
CREATE TABLE reconciliation (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  backup_taken_at timestamptz,
  reason text NOT NULL,
  begun_at timestamptz NOT NULL,
  -- Connections that were working when it began; those paused for reasons of their own are not in it.
  paused text[] NOT NULL,
  doubted integer NOT NULL,
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX reconciliation_open ON reconciliation (tenant_id) WHERE ended_at IS NULL;
ALTER TABLE reconciliation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reconciliation TO crossdock_app
  USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
-- The probe asks for the whole hub.
CREATE POLICY directory ON reconciliation FOR SELECT TO crossdock_engine USING (true);
GRANT SELECT, INSERT, UPDATE ON reconciliation TO crossdock_app;
GRANT SELECT ON reconciliation TO crossdock_engine;
