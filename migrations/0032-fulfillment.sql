-- Fulfilment orders (one release to one site), shipments, packages, SSCC counters, and reports whose parent is not known yet.

CREATE TABLE fulfillment_order (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  fulfillment_no text NOT NULL,
  release_seq integer NOT NULL,
  order_id uuid NOT NULL,
  order_no text NOT NULL,
  location text NOT NULL,
  -- Where the release goes; null when the site has no connection.
  connection text,
  status text NOT NULL CHECK (status IN ('created', 'released', 'picked', 'packed', 'shipped', 'cancelled', 'rejected')),
  lines jsonb NOT NULL,
  -- Newest fact per line, kind, source and document: what is picked, packed, shipped, short of this release.
  progress jsonb NOT NULL DEFAULT '[]',
  document jsonb NOT NULL,
  correlation_id text NOT NULL,
  traceparent text,
  outside_id text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  released_at timestamptz,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX fulfillment_order_no ON fulfillment_order (tenant_id, fulfillment_no);
CREATE INDEX fulfillment_order_order ON fulfillment_order (tenant_id, order_id);

CREATE TABLE shipment (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  shipment_no text NOT NULL,
  order_id uuid NOT NULL,
  order_no text NOT NULL,
  fulfillment_id uuid NOT NULL,
  fulfillment_no text NOT NULL,
  location text NOT NULL,
  state text NOT NULL CHECK (state IN ('packed', 'shipped', 'voided')),
  -- none: no carrier to ask; failed: the carrier refused for good, the shipment goes on without tracking.
  label_state text NOT NULL CHECK (label_state IN ('none', 'pending', 'requested', 'labelled', 'failed')),
  tracker_status text NOT NULL DEFAULT 'none',
  -- `source|document` of the report that packed and of the one that shipped it, with the highest sequence seen.
  pack_key text,
  pack_sequence bigint,
  ship_key text,
  ship_sequence bigint,
  document jsonb NOT NULL,
  correlation_id text NOT NULL,
  traceparent text,
  erp_shipment_no text,
  version integer NOT NULL DEFAULT 1,
  packed_at timestamptz,
  labelled_at timestamptz,
  shipped_at timestamptz,
  voided_at timestamptz,
  notified_at timestamptz,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX shipment_no ON shipment (tenant_id, shipment_no);
CREATE UNIQUE INDEX shipment_pack_key ON shipment (tenant_id, pack_key) WHERE pack_key IS NOT NULL;
CREATE UNIQUE INDEX shipment_ship_key ON shipment (tenant_id, ship_key) WHERE ship_key IS NOT NULL;
CREATE INDEX shipment_order ON shipment (tenant_id, order_id);
CREATE INDEX shipment_fulfillment ON shipment (tenant_id, fulfillment_id);

CREATE TABLE shipment_package (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  shipment_id uuid NOT NULL,
  package_no integer NOT NULL,
  sscc text,
  tracking text,
  label_url text,
  weight_grams integer,
  contents jsonb NOT NULL,
  tracker_status text NOT NULL DEFAULT 'none',
  tracker_sequence bigint,
  tracker_at timestamptz,
  PRIMARY KEY (tenant_id, shipment_id, package_no)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX shipment_package_sscc ON shipment_package (tenant_id, sscc) WHERE sscc IS NOT NULL;
CREATE INDEX shipment_package_tracking ON shipment_package (tenant_id, tracking) WHERE tracking IS NOT NULL;

-- GS1 General Specifications §3.3.1: an SSCC is not used again. The row lock makes numbers unique, a rollback gives back what
-- nobody has seen, and a void or repack gives nothing back.
CREATE TABLE sscc_counter (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  company_prefix text NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (tenant_id, company_prefix)
);

-- A serial number is in one place: once shipped it cannot ship again before it came back.
CREATE TABLE shipped_serial (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  sku text NOT NULL,
  serial text NOT NULL,
  shipment_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, sku, serial)
);

-- Reports that arrived before what they are about; applied when it appears, an ORPHAN_EVENT after 24 hours.
CREATE TABLE parked_report (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('packed', 'shipment', 'tracking')),
  -- Fulfilment number, or tracking number.
  parent_key text NOT NULL,
  report jsonb NOT NULL,
  correlation_id text,
  parked_at timestamptz NOT NULL,
  orphaned_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX parked_report_parent ON parked_report (tenant_id, kind, parent_key);
CREATE INDEX parked_report_age ON parked_report (tenant_id, parked_at) WHERE orphaned_at IS NULL;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['fulfillment_order', 'shipment', 'shipment_package', 'sscc_counter', 'shipped_serial', 'parked_report'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON fulfillment_order, shipment, sscc_counter TO crossdock_app, crossdock_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON shipment_package, shipped_serial, parked_report TO crossdock_app, crossdock_engine;
