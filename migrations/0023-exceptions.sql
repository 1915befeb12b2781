-- Problems that want an owner, and promises that fall due.

CREATE TABLE exception (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  version integer NOT NULL,
  code text NOT NULL,
  class text NOT NULL,
  severity text NOT NULL,
  owner_role text NOT NULL,
  dedupe_key text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'autoRetry', 'assigned', 'waitingPartner', 'resolved', 'suppressed')),
  entity_refs jsonb NOT NULL,
  order_id uuid,
  correlation_id text,
  message_id uuid,
  delivery_id text,
  cause text NOT NULL,
  suggested_fix text,
  money_at_risk_minor bigint,
  currency text,
  data jsonb NOT NULL,
  occurrences integer NOT NULL,
  assignee text,
  snoozed_until timestamptz,
  sla_due timestamptz NOT NULL,
  opened_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  resolved_at timestamptz,
  resolution text,
  resolved_by text,
  PRIMARY KEY (tenant_id, id)
);
-- One open exception per cause; a resolved one leaves the key free for the next time.
CREATE UNIQUE INDEX exception_open_key ON exception (tenant_id, dedupe_key) WHERE resolved_at IS NULL;
CREATE INDEX exception_order ON exception (tenant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX exception_message ON exception (tenant_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX exception_delivery ON exception (tenant_id, delivery_id) WHERE delivery_id IS NOT NULL AND resolved_at IS NULL;

CREATE TABLE obligation (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'met', 'overdue', 'withdrawn')),
  due_at timestamptz NOT NULL,
  order_id uuid,
  correlation_id text,
  partner text,
  data jsonb NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX obligation_open_subject ON obligation (tenant_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX obligation_due ON obligation (tenant_id, due_at) WHERE state = 'open';
CREATE INDEX obligation_order ON obligation (tenant_id, order_id) WHERE order_id IS NOT NULL;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['exception', 'obligation'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO crossdock_app, crossdock_engine
      USING (tenant_id = current_setting(''crossdock.tenant'', true))
      WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name || '_tenant', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO crossdock_app, crossdock_engine', name);
  END LOOP;
END $$;
