-- Customers and suppliers as documents, each write numbered by the tenant's revision; credit exposure per account.

-- Taken with a row lock by every write of this room, so that revisions commit in order: a reader that has seen revision r
-- misses none below it.
CREATE TABLE party_revision (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id)
);

CREATE TABLE customer (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  account_no text NOT NULL,
  version integer NOT NULL,
  revision bigint NOT NULL,
  legal_name text NOT NULL,
  parent_account_no text,
  document jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, account_no)
);
CREATE INDEX customer_revision ON customer (tenant_id, revision);

CREATE TABLE supplier (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  account_no text NOT NULL,
  version integer NOT NULL,
  revision bigint NOT NULL,
  legal_name text NOT NULL,
  document jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, account_no)
);

-- Minor units of the account's currency. Locked by credit checks alone: everybody else appends to exposure_change.
CREATE TABLE customer_exposure (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  account_no text NOT NULL,
  receivables_minor bigint NOT NULL DEFAULT 0,
  unapplied_cash_minor bigint NOT NULL DEFAULT 0,
  unshipped_minor bigint NOT NULL DEFAULT 0,
  uninvoiced_minor bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, account_no)
) WITH (fillfactor = 50);

-- What changed since; folded into customer_exposure by the next credit check. A shipment or an invoice so never waits for a
-- credit check that holds the account, nor can the two deadlock over stock.
CREATE TABLE exposure_change (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  account_no text NOT NULL,
  receivables_minor bigint NOT NULL,
  unapplied_cash_minor bigint NOT NULL,
  unshipped_minor bigint NOT NULL,
  uninvoiced_minor bigint NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (tenant_id, account_no, id)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['party_revision', 'customer', 'supplier', 'customer_exposure', 'exposure_change'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO crossdock_app, crossdock_engine
      USING (tenant_id = current_setting(''crossdock.tenant'', true))
      WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name || '_tenant', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO crossdock_app, crossdock_engine', name);
  END LOOP;
END $$;
