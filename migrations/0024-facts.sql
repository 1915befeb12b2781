-- What sources say has happened to order lines: cumulative per (source, document, line, kind), the highest sequence wins.

CREATE TABLE order_fact (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  order_id uuid NOT NULL,
  source text NOT NULL,
  document text NOT NULL,
  line_no integer NOT NULL,
  kind text NOT NULL,
  sequence bigint NOT NULL,
  -- Base units.
  quantity numeric NOT NULL CHECK (quantity >= 0),
  fulfillment_no text,
  shipment_no text,
  reason text,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, order_id, source, document, line_no, kind)
);

-- A shipment that its authority voided: facts that name it stop counting, whenever they arrive.
CREATE TABLE order_fact_void (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  order_id uuid NOT NULL,
  shipment_no text NOT NULL,
  reason text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, order_id, shipment_no)
);

-- Facts that came before what they are about. `parent` is a fulfilment or order number.
CREATE TABLE order_fact_parked (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  parent text NOT NULL,
  source text NOT NULL,
  document text NOT NULL,
  line_no integer NOT NULL,
  kind text NOT NULL,
  sequence bigint NOT NULL,
  fact jsonb NOT NULL,
  parked_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, parent, source, document, line_no, kind, sequence)
);
CREATE INDEX order_fact_parked_age ON order_fact_parked (tenant_id, parked_at);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['order_fact', 'order_fact_void', 'order_fact_parked'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO crossdock_app, crossdock_engine
      USING (tenant_id = current_setting(''crossdock.tenant'', true))
      WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name || '_tenant', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO crossdock_app, crossdock_engine', name);
  END LOOP;
END $$;
