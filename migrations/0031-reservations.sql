-- Who has stock reserved, who waits for it, and what waits to be counted.

-- One row per demand, site and lot. `open` is what the reservation still holds; quantity = open + consumed + released.
CREATE TABLE reservation (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  demand_key text NOT NULL,
  part integer NOT NULL,
  order_id uuid,
  line_no integer,
  sku text NOT NULL,
  location text NOT NULL,
  lot text NOT NULL,
  owner text NOT NULL DEFAULT '',
  expiry date,
  channel text NOT NULL,
  hard boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('held', 'allocated', 'consumed', 'released', 'expired')),
  quantity numeric NOT NULL CHECK (quantity > 0),
  open numeric NOT NULL CHECK (open >= 0),
  consumed numeric NOT NULL DEFAULT 0 CHECK (consumed >= 0),
  released numeric NOT NULL DEFAULT 0 CHECK (released >= 0),
  picked numeric NOT NULL DEFAULT 0 CHECK (picked >= 0),
  expires_at timestamptz,
  fulfillment_id uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (quantity = open + consumed + released)
) WITH (fillfactor = 80);
-- The idempotency of reserving: the same demand can never take stock twice.
CREATE UNIQUE INDEX reservation_demand ON reservation (tenant_id, demand_key, part);
CREATE INDEX reservation_order ON reservation (tenant_id, order_id, line_no) WHERE order_id IS NOT NULL;
CREATE INDEX reservation_fulfillment ON reservation (tenant_id, fulfillment_id) WHERE fulfillment_id IS NOT NULL;
CREATE INDEX reservation_open ON reservation (tenant_id, sku, location) WHERE open > 0;
CREATE INDEX reservation_expiry ON reservation (tenant_id, expires_at) WHERE state = 'held' AND expires_at IS NOT NULL;

-- Unlocated demand: accepted and not reserved, backorders included, one row per order line.
CREATE TABLE stock_demand (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  order_id uuid NOT NULL,
  line_no integer NOT NULL,
  sku text NOT NULL,
  channel text NOT NULL,
  open numeric NOT NULL CHECK (open > 0),
  priority integer NOT NULL,
  since timestamptz NOT NULL,
  min_shelf_days integer NOT NULL,
  issue text NOT NULL,
  -- The demand that was added last: adding it again changes nothing.
  demand_key text NOT NULL,
  PRIMARY KEY (tenant_id, order_id, line_no)
);
CREATE INDEX stock_demand_queue ON stock_demand (tenant_id, sku, priority DESC, since, order_id, line_no);

-- A quantity that could not be found is on hold until somebody has counted.
CREATE TABLE count_task (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  dedupe_key text NOT NULL,
  sku text NOT NULL,
  location text NOT NULL,
  lot text NOT NULL,
  held numeric NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'done')),
  counted numeric,
  reason text NOT NULL,
  order_id uuid,
  line_no integer,
  fulfillment_id uuid,
  opened_at timestamptz NOT NULL,
  done_at timestamptz,
  done_by text,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX count_task_dedupe ON count_task (tenant_id, dedupe_key);
CREATE INDEX count_task_open ON count_task (tenant_id, opened_at) WHERE state = 'open';

-- What each channel was last told, so that only changes are published.
CREATE TABLE published_availability (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  channel text NOT NULL,
  sku text NOT NULL,
  quantity numeric NOT NULL,
  uom text NOT NULL,
  version integer NOT NULL,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, channel, sku)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['reservation', 'stock_demand', 'count_task', 'published_availability'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON reservation, stock_demand, count_task, published_availability TO crossdock_app, crossdock_engine;
