-- What happened. Append-only: nobody but the owner (who drops old partitions) may change or remove a row.

CREATE SEQUENCE event_sequence AS bigint CACHE 1;

CREATE TABLE event (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  sequence bigint NOT NULL,
  type text NOT NULL,
  schema_version smallint NOT NULL DEFAULT 1,
  entity_kind text NOT NULL,
  entity_id text NOT NULL,
  key text NOT NULL,
  order_id text,
  version integer,
  correlation_id text NOT NULL,
  causation_id text,
  traceparent text,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  data jsonb,
  changed jsonb,
  previous jsonb,
  reason text,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- For streams; for the timeline of an order (events of its shipments and invoices share its key).
CREATE INDEX event_sequence_of_tenant ON event (tenant_id, sequence);
CREATE INDEX event_key ON event (key);

ALTER TABLE event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON event TO crossdock_app, crossdock_engine
  USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
GRANT SELECT, INSERT ON event TO crossdock_app, crossdock_engine;
GRANT SELECT, USAGE ON SEQUENCE event_sequence TO crossdock_app, crossdock_engine;

SELECT ledger_month_partitions('event', 2, now());
