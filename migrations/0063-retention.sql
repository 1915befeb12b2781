-- Legal holds: while one stands, nothing that it names leaves the database.
CREATE TABLE legal_hold (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('partner', 'order', 'range')),
  -- Account number of the partner, or the order's id.
  partner text,
  order_id uuid,
  -- Of a range: from, and before.
  since timestamptz,
  until timestamptz,
  reason text NOT NULL,
  placed_by text NOT NULL,
  placed_at timestamptz NOT NULL,
  released_by text,
  released_at timestamptz,
  release_reason text,
  PRIMARY KEY (tenant_id, id),
  CHECK ((kind = 'partner') = (partner IS NOT NULL)),
  CHECK ((kind = 'order') = (order_id IS NOT NULL)),
  CHECK (kind <> 'range' OR (since IS NOT NULL AND until IS NOT NULL AND since < until))
);
CREATE INDEX legal_hold_standing ON legal_hold (tenant_id) WHERE released_at IS NULL;
ALTER TABLE legal_hold ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON legal_hold TO crossdock_app
  USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
GRANT SELECT, INSERT, UPDATE ON legal_hold TO crossdock_app;
