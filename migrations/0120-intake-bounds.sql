-- How many open deliveries a tenant, and a destination of it, may have before the doors take nothing new. Absent: what the
-- hub's own settings say.
ALTER TABLE destination ADD COLUMN open_max integer CHECK (open_max > 0);

CREATE TABLE intake_bound (
  tenant_id text PRIMARY KEY,
  open_max integer CHECK (open_max > 0),
  version integer NOT NULL DEFAULT 1,
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL
);
ALTER TABLE intake_bound ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON intake_bound TO crossdock_app USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
CREATE POLICY engine ON intake_bound FOR SELECT TO crossdock_engine USING (true);
GRANT SELECT, INSERT, UPDATE ON intake_bound TO crossdock_app;
GRANT SELECT ON intake_bound TO crossdock_engine;
