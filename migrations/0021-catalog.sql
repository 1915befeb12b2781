-- Items and prices as documents, each write numbered by the tenant's revision as in 0020.

CREATE TABLE catalog_revision (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id)
);

CREATE TABLE item (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  sku text NOT NULL,
  version integer NOT NULL,
  revision bigint NOT NULL,
  description text NOT NULL,
  document jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, sku)
);
CREATE INDEX item_revision ON item (tenant_id, revision);

-- GTIN-14 of any unit of an item; one GTIN is one unit of one item.
CREATE TABLE item_gtin (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  gtin text NOT NULL CHECK (length(gtin) = 14),
  sku text NOT NULL,
  uom text NOT NULL,
  PRIMARY KEY (tenant_id, gtin)
);
CREATE INDEX item_gtin_sku ON item_gtin (tenant_id, sku);

CREATE TABLE price_rule (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id text NOT NULL,
  version integer NOT NULL,
  revision bigint NOT NULL,
  sku text NOT NULL,
  document jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX price_rule_sku ON price_rule (tenant_id, sku);
CREATE INDEX price_rule_revision ON price_rule (tenant_id, revision);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['catalog_revision', 'item', 'item_gtin', 'price_rule'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO crossdock_app, crossdock_engine
      USING (tenant_id = current_setting(''crossdock.tenant'', true))
      WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name || '_tenant', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO crossdock_app, crossdock_engine', name);
  END LOOP;
END $$;
