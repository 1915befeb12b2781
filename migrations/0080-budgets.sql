-- What a destination may be asked in a while, by all workers together, and what of it is used. No row: no bound.
CREATE TABLE destination_budget (
  tenant_id text NOT NULL,
  destination text NOT NULL,
  settings jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  -- The token bucket of the rate, by the database's clock.
  tokens double precision,
  refilled_ms bigint,
  -- The quota's period, and how many calls of it have been handed out to workers and not come back.
  period_start_ms bigint NOT NULL DEFAULT 0,
  period_end_ms bigint NOT NULL DEFAULT 0,
  used bigint NOT NULL DEFAULT 0,
  -- [ms, used] now and then within the period: the pace is measured by them.
  marks jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (tenant_id, destination),
  FOREIGN KEY (tenant_id, destination) REFERENCES destination (tenant_id, name)
) WITH (fillfactor = 50);

-- Calls at once, as far as a budget bounds them: what each worker holds of it. A dead worker's row counts for nothing.
CREATE TABLE destination_slot (
  tenant_id text NOT NULL,
  destination text NOT NULL,
  worker_id text NOT NULL,
  wanted integer NOT NULL,
  held integer NOT NULL,
  PRIMARY KEY (tenant_id, destination, worker_id)
) WITH (fillfactor = 50);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['destination_budget', 'destination_slot'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO crossdock_app USING (tenant_id = current_setting(''crossdock.tenant'', true))'
      || ' WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name);
    EXECUTE format('CREATE POLICY engine ON %I TO crossdock_engine USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON destination_budget TO crossdock_app;
GRANT SELECT, UPDATE ON destination_budget TO crossdock_engine;
GRANT SELECT ON destination_slot TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON destination_slot TO crossdock_engine;
