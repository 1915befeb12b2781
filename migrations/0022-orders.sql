-- Sales orders: the document as it came in, which never changes, apart from the narrow row that does.

CREATE SEQUENCE sales_order_number START 1000001;
GRANT USAGE ON SEQUENCE sales_order_number TO crossdock_app, crossdock_engine;

CREATE TABLE sales_order (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  order_number bigint NOT NULL DEFAULT nextval('sales_order_number'),
  natural_key text NOT NULL,
  fingerprint text NOT NULL,
  customer text NOT NULL,
  customer_po text,
  channel text NOT NULL,
  native_id text,
  created_at timestamptz NOT NULL,
  document jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id)
)
-- An order of a few lines stays in its row as it is: compressing it costs an eighth of the insert.
WITH (toast_tuple_target = 8160);
-- One PO is one order whatever door it came through, also after its idempotency key has been pruned.
CREATE UNIQUE INDEX sales_order_natural_key ON sales_order (tenant_id, natural_key);
CREATE UNIQUE INDEX sales_order_order_number ON sales_order (tenant_id, order_number);
CREATE INDEX sales_order_customer_po ON sales_order (tenant_id, customer_po, customer) WHERE customer_po IS NOT NULL;
CREATE INDEX sales_order_native_id ON sales_order (tenant_id, native_id) WHERE native_id IS NOT NULL;

-- Locking an order is locking this row. `state` holds what the hub and facts say per line; the columns beside it are derived
-- from it, for lists and for finding what waits.
CREATE TABLE sales_order_state (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  order_id uuid NOT NULL,
  version integer NOT NULL,
  customer text NOT NULL,
  channel text NOT NULL,
  milestone text NOT NULL,
  on_hold boolean NOT NULL,
  -- Hold codes, and hold codes with their cause, so that one fix finds every sibling.
  hold_keys text[] NOT NULL,
  closed boolean NOT NULL,
  amount_minor bigint NOT NULL,
  erp_order_no text,
  state jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, order_id)
) WITH (fillfactor = 60);
CREATE INDEX sales_order_state_open ON sales_order_state (tenant_id, milestone, order_id) WHERE NOT closed;
CREATE INDEX sales_order_state_held ON sales_order_state (tenant_id, customer, order_id) WHERE on_hold;
CREATE INDEX sales_order_state_erp_order_no ON sales_order_state (tenant_id, erp_order_no) WHERE erp_order_no IS NOT NULL;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sales_order', 'sales_order_state'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO crossdock_app, crossdock_engine
      USING (tenant_id = current_setting(''crossdock.tenant'', true))
      WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name || '_tenant', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON sales_order TO crossdock_app, crossdock_engine;
GRANT SELECT, INSERT, UPDATE ON sales_order_state TO crossdock_app, crossdock_engine;
