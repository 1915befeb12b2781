-- Circuit breakers, health checks, and what people set about them.

-- Only what differs from the defaults; the hub fills the rest in.
ALTER TABLE destination
  ADD COLUMN retry_by_reason jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN breaker jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN drain jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN health jsonb NOT NULL DEFAULT '{}';

-- What all workers share of a breaker: written on its transitions, never per call. No row: it has never opened.
CREATE TABLE destination_breaker (
  tenant_id text NOT NULL,
  destination text NOT NULL,
  phase text NOT NULL CHECK (phase IN ('closed', 'open', 'half_open')),
  since timestamptz NOT NULL,
  opened_at timestamptz,
  rounds integer NOT NULL DEFAULT 0,
  next_probe_at timestamptz,
  -- The worker that may call while it is half-open, and until when.
  probe_by text,
  probe_until timestamptz,
  -- A person holds it open.
  held boolean NOT NULL DEFAULT false,
  held_by text,
  held_reason text,
  last_reason text,
  last_error text,
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, destination),
  FOREIGN KEY (tenant_id, destination) REFERENCES destination (tenant_id, name)
) WITH (fillfactor = 50);

-- The latest answer of each system's own health check.
CREATE TABLE destination_health (
  tenant_id text NOT NULL,
  destination text NOT NULL,
  ok boolean NOT NULL,
  detail text NOT NULL,
  checked_at timestamptz NOT NULL,
  -- Since when the answer has been of this kind.
  since timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  PRIMARY KEY (tenant_id, destination),
  FOREIGN KEY (tenant_id, destination) REFERENCES destination (tenant_id, name)
) WITH (fillfactor = 50);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['destination_breaker', 'destination_health'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO crossdock_app USING (tenant_id = current_setting(''crossdock.tenant'', true))'
      || ' WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name);
    EXECUTE format('CREATE POLICY engine ON %I TO crossdock_engine USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON destination_breaker TO crossdock_app, crossdock_engine;
GRANT SELECT ON destination_health TO crossdock_app;
GRANT SELECT, INSERT, UPDATE ON destination_health TO crossdock_engine;
