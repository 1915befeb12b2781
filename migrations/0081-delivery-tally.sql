-- What became of deliveries without anybody being called, by day (UTC): figures that would cost a walk over the ledger.
CREATE TABLE delivery_tally (
  tenant_id text NOT NULL,
  destination text NOT NULL,
  day date NOT NULL,
  -- Gave way to a newer one of their key before they were sent.
  superseded bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, destination, day)
) WITH (fillfactor = 50);
ALTER TABLE delivery_tally ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON delivery_tally TO crossdock_app USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
CREATE POLICY engine ON delivery_tally TO crossdock_engine USING (true) WITH CHECK (true);
GRANT SELECT ON delivery_tally TO crossdock_app;
GRANT SELECT, INSERT, UPDATE ON delivery_tally TO crossdock_engine;
