-- Interchanges seen, the documents in them, the documents we sent with their acknowledgments, and control numbers.

CREATE TABLE interchange (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  message_id uuid NOT NULL,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  ordinal integer NOT NULL,
  standard text NOT NULL,
  -- `qualifier:id`, trailing spaces removed.
  sender text NOT NULL,
  receiver text NOT NULL,
  usage text NOT NULL,
  control text NOT NULL,
  sha256 bytea NOT NULL,
  agreement text,
  -- in: held, processed, duplicate, rejected; out: sent.
  outcome text NOT NULL,
  reason text,
  -- The acknowledgment that we made: sent again when the same bytes come again.
  acknowledgment_id uuid,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
-- The duplicate check runs on every interchange; an interchange is small, so this table stays unpartitioned and is pruned.
CREATE INDEX interchange_control ON interchange (tenant_id, direction, sender, receiver, control, recorded_at DESC);
CREATE INDEX interchange_content ON interchange (tenant_id, sha256);
CREATE INDEX interchange_message ON interchange (tenant_id, message_id);

CREATE TABLE document (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  message_id uuid,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  ordinal integer NOT NULL,
  standard text NOT NULL,
  version text NOT NULL,
  type text NOT NULL,
  agreement text,
  partner text,
  functional_id text NOT NULL DEFAULT '',
  interchange_control text NOT NULL DEFAULT '',
  group_control text NOT NULL DEFAULT '',
  control text NOT NULL DEFAULT '',
  -- in: accepted, accepted_with_errors, rejected, unchecked. Null for what we send.
  verdict text,
  issues jsonb,
  -- in: translated, held, duplicate, rejected, ignored, unrouted; out: planned, rendered, sent, failed.
  state text NOT NULL,
  reason text,
  entity_kind text,
  entity_id text,
  -- What was made of it, or what it is made from: canonical JSON.
  canonical jsonb,
  correlation_id text NOT NULL,
  -- What makes a planned document one of a kind, e.g. `855:<order>`.
  dedupe_key text,
  ack_state text NOT NULL DEFAULT 'none' CHECK (ack_state IN ('none', 'awaiting', 'accepted', 'accepted_with_errors', 'rejected', 'overdue')),
  -- Minutes after sending until the acknowledgment is overdue; null where none is expected.
  ack_within_minutes integer,
  ack_due_at timestamptz,
  ack_message_id uuid,
  ack_notes jsonb,
  recorded_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX document_message ON document (message_id);
CREATE INDEX document_entity ON document (tenant_id, entity_kind, entity_id);
CREATE INDEX document_correlation ON document (tenant_id, correlation_id);
CREATE INDEX document_control ON document (tenant_id, direction, agreement, functional_id, group_control, control);
CREATE INDEX document_awaiting ON document (tenant_id, ack_due_at) WHERE ack_state = 'awaiting';

-- One row per thing that may be sent once only; a partitioned table cannot hold that key itself.
CREATE TABLE document_once (
  tenant_id text NOT NULL,
  dedupe_key text NOT NULL,
  document_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, dedupe_key)
);

-- Counters behind ISA13, GS06 and UNB 0020. The row lock makes numbers follow each other without gaps or reuse: a
-- transaction that rolls back gives its number back before anybody has seen it.
CREATE TABLE control_number (
  tenant_id text NOT NULL,
  kind text NOT NULL,
  scope text NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (tenant_id, kind, scope)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['interchange', 'document', 'document_once', 'control_number'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
  PERFORM ensure_month_partitions('document', 2, now());
END $$;

GRANT SELECT, INSERT, UPDATE ON interchange, document, document_once, control_number TO crossdock_app, crossdock_engine;
