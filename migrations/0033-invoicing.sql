-- Invoices as their issuer posted them, and payments.

-- A posted invoice is never changed; what changes (paid, sent) stands in invoice_balance.
CREATE TABLE invoice (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  source text NOT NULL,
  invoice_no text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('invoice', 'creditMemo')),
  order_id uuid NOT NULL,
  order_no text NOT NULL,
  customer text NOT NULL,
  customer_po text,
  shipment_no text,
  currency text NOT NULL,
  invoice_date date NOT NULL,
  due_date date NOT NULL,
  -- Lines in the PO's line numbers, units and price basis.
  lines jsonb NOT NULL,
  tax_minor bigint NOT NULL,
  freight_minor bigint NOT NULL,
  total_minor bigint NOT NULL,
  -- SHA-256 of the report: the same number with other content is a conflict, not a correction.
  report_hash text NOT NULL,
  correlation_id text NOT NULL,
  traceparent text,
  posted_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX invoice_no ON invoice (tenant_id, source, invoice_no);
CREATE INDEX invoice_order ON invoice (tenant_id, order_id);
CREATE INDEX invoice_customer ON invoice (tenant_id, customer, invoice_date);
CREATE INDEX invoice_number ON invoice (tenant_id, invoice_no);

CREATE TABLE invoice_balance (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  invoice_id uuid NOT NULL,
  customer text NOT NULL,
  total_minor bigint NOT NULL,
  paid_minor bigint NOT NULL DEFAULT 0,
  status text NOT NULL CHECK (status IN ('open', 'partial', 'paid', 'void')),
  -- Null while it must not go out: it bills more than has been shipped so far.
  announced_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, invoice_id)
) WITH (fillfactor = 80);
CREATE INDEX invoice_balance_open ON invoice_balance (tenant_id, customer) WHERE status IN ('open', 'partial');

CREATE TABLE payment (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  source text NOT NULL,
  payment_no text NOT NULL,
  customer text NOT NULL,
  currency text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  -- What was paid on no known invoice.
  unapplied_minor bigint NOT NULL,
  report_hash text NOT NULL,
  received_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX payment_no ON payment (tenant_id, source, payment_no);
CREATE INDEX payment_customer ON payment (tenant_id, customer, received_at);

CREATE TABLE payment_application (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  payment_id uuid NOT NULL,
  invoice_id uuid NOT NULL,
  amount_minor bigint NOT NULL,
  PRIMARY KEY (tenant_id, payment_id, invoice_id)
);
CREATE INDEX payment_application_invoice ON payment_application (tenant_id, invoice_id);

-- Invoices of orders that the hub does not know yet; applied when the order appears, an ORPHAN_EVENT after 24 hours.
CREATE TABLE parked_invoice (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  order_no text NOT NULL,
  report jsonb NOT NULL,
  correlation_id text,
  parked_at timestamptz NOT NULL,
  orphaned_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX parked_invoice_order ON parked_invoice (tenant_id, order_no);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['invoice', 'invoice_balance', 'payment', 'payment_application', 'parked_invoice'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
END $$;

-- Immutable by right, not by habit.
GRANT SELECT, INSERT ON invoice, payment, payment_application TO crossdock_app, crossdock_engine;
GRANT SELECT, INSERT, UPDATE ON invoice_balance TO crossdock_app, crossdock_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON parked_invoice TO crossdock_app, crossdock_engine;
