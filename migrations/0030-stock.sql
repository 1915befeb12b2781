-- Sites, stock policies and expected supply; stock positions with the log of every change to them.

CREATE TABLE location (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  code text NOT NULL,
  version integer NOT NULL,
  sellable boolean NOT NULL,
  priority integer NOT NULL,
  document jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, code)
);

-- '' stands for "every location" and "no channel": an item's safety stock has no channel, a buffer always has one.
CREATE TABLE stock_policy (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  sku text NOT NULL,
  location text NOT NULL,
  channel text NOT NULL,
  safety_stock numeric NOT NULL,
  buffer numeric NOT NULL,
  reserved numeric NOT NULL,
  version integer NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, sku, location, channel)
);

CREATE TABLE expected_supply (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  po_no text NOT NULL,
  sku text NOT NULL,
  location text NOT NULL,
  supplier text NOT NULL,
  quantity numeric NOT NULL,
  uom text NOT NULL,
  due_date date NOT NULL,
  acknowledged boolean NOT NULL,
  version integer NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, po_no, sku, location)
);
CREATE INDEX expected_supply_sku ON expected_supply (tenant_id, sku, due_date) WHERE quantity > 0;

-- One row per item: whoever changes the item's stock or reservations anywhere locks it first, in order of SKU. Availability
-- is a sum over all sites, so a lock per site would have to take them all anyway.
CREATE TABLE item_stock (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  sku text NOT NULL,
  PRIMARY KEY (tenant_id, sku)
);

-- lot '' is lot-less stock; owner '' is our own. Lot-less allocations and soft reservations of lot items stand on the lot-less
-- row. on_hand and hard_allocated have no check against each other: a count or snapshot may find less than was allocated.
CREATE TABLE inventory_position (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  sku text NOT NULL,
  location text NOT NULL,
  lot text NOT NULL,
  owner text NOT NULL,
  status text NOT NULL CHECK (status IN ('available', 'quarantine', 'damaged', 'expired', 'recalled', 'hold')),
  expiry date,
  first_received_at timestamptz NOT NULL,
  on_hand numeric NOT NULL DEFAULT 0,
  hard_allocated numeric NOT NULL DEFAULT 0 CHECK (hard_allocated >= 0),
  soft_reserved numeric NOT NULL DEFAULT 0 CHECK (soft_reserved >= 0),
  PRIMARY KEY (tenant_id, sku, location, lot, owner, status)
) WITH (fillfactor = 70);
CREATE INDEX inventory_position_location ON inventory_position (tenant_id, location, sku);

-- The newest snapshot applied to an item at a location: older ones and transactions it already contains are not applied.
CREATE TABLE snapshot_mark (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  location text NOT NULL,
  sku text NOT NULL,
  as_of timestamptz NOT NULL,
  as_of_seq bigint NOT NULL,
  PRIMARY KEY (tenant_id, location, sku)
);

-- Every change of a position, as deltas: a position is their sum. A move between statuses is two rows. `applied` is false
-- where a snapshot already contained the on-hand change: then on_hand_delta is on record and not in the position.
CREATE TABLE inventory_transaction (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  dedupe_key text,
  txn_type text NOT NULL,
  sku text NOT NULL,
  location text NOT NULL,
  lot text NOT NULL,
  owner text NOT NULL,
  status text NOT NULL,
  expiry date,
  on_hand_delta numeric NOT NULL DEFAULT 0,
  hard_delta numeric NOT NULL DEFAULT 0,
  soft_delta numeric NOT NULL DEFAULT 0,
  reason text NOT NULL,
  doc_ref text,
  order_id uuid,
  source text NOT NULL,
  source_seq bigint,
  actor text,
  applied boolean NOT NULL DEFAULT true,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX inventory_transaction_dedupe ON inventory_transaction (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX inventory_transaction_seq ON inventory_transaction (tenant_id, sku, location, source_seq) WHERE source_seq IS NOT NULL;
-- What has left with an order's shipments, for voids.
CREATE INDEX inventory_transaction_shipped ON inventory_transaction (tenant_id, order_id) WHERE txn_type IN ('ship', 'reversal');
CREATE INDEX inventory_transaction_sku ON inventory_transaction (tenant_id, sku, location, occurred_at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['location', 'stock_policy', 'expected_supply', 'item_stock', 'inventory_position', 'snapshot_mark', 'inventory_transaction'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON location, stock_policy, expected_supply, item_stock, inventory_position, snapshot_mark TO crossdock_app, crossdock_engine;
-- Immutable: nobody but the owner can change or remove what happened.
GRANT SELECT, INSERT ON inventory_transaction TO crossdock_app, crossdock_engine;
