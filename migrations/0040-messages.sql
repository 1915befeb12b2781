-- The ledger of everything that crossed the boundary. Ids are UUIDv7, so a range of ids is a range of time and a month
-- leaves by dropping its partition.

-- Makes the monthly partitions of a table partitioned by a UUIDv7 `id`: the first reaches back to the beginning, then
-- one per month up to `months_ahead` months from `at`. Each partition carries the tenant policy itself.
CREATE FUNCTION ensure_month_partitions(parent text, months_ahead integer, at timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  month timestamptz := date_trunc('month', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  upper timestamptz;
  name text;
  lower_bound text;
  upper_bound text;
  made integer := 0;
  has_any boolean := EXISTS (SELECT FROM pg_inherits WHERE inhparent = parent::regclass);
BEGIN
  FOR i IN 0..months_ahead LOOP
    upper := ((month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    name := format('%s_%s', parent, to_char(month AT TIME ZONE 'UTC', 'YYYYMM'));
    IF to_regclass(name) IS NULL THEN
      lower_bound := CASE WHEN has_any
        THEN quote_literal(uuid_at(month)) ELSE 'MINVALUE' END;
      upper_bound := quote_literal(uuid_at(upper));
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)', name, parent, lower_bound, upper_bound);
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
      EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name);
      has_any := true;
      made := made + 1;
    END IF;
    month := upper;
  END LOOP;
  RETURN made;
END $$;

-- The smallest UUIDv7 of an instant (RFC 9562 §5.7: 48 bits of milliseconds first).
CREATE FUNCTION uuid_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-0000-0000-000000000000')::uuid
  FROM (SELECT lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS h) AS t
$$;

CREATE TABLE message (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  -- Which door or connection: api, csv, webhook, edi-http, edi-folder, or the connection's type for output.
  channel text NOT NULL,
  connector text,
  connection text,
  partner text,
  topic text,
  content_type text NOT NULL,
  file_name text,
  sha256 bytea NOT NULL,
  byte_size bigint NOT NULL,
  -- Small bodies lie here, larger ones in message_chunk: one row less for every order of the API.
  body bytea,
  correlation_id text NOT NULL,
  traceparent text,
  actor text,
  test boolean NOT NULL DEFAULT false,
  -- in: received, processed, held, rejected, duplicate, ignored, refused; out: ready, sent, failed.
  state text NOT NULL,
  reason text,
  -- Output: the message it answers, and the delivery it was made for (its bytes are made once and sent again on retry).
  in_reply_to uuid,
  delivery_id text,
  natural_key text,
  received_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (tenant_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX message_correlation ON message (tenant_id, correlation_id);
CREATE INDEX message_delivery ON message (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX message_reply ON message (in_reply_to) WHERE in_reply_to IS NOT NULL;
CREATE INDEX message_open ON message (tenant_id, state, id) WHERE state IN ('received', 'held', 'rejected', 'refused', 'failed');

CREATE TABLE message_chunk (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  ordinal integer NOT NULL,
  bytes bytea NOT NULL CHECK (octet_length(bytes) <= 1048576),
  PRIMARY KEY (id, ordinal)
) PARTITION BY RANGE (id);
-- The bytes of an interchange do not compress further in a useful way once read in one piece; skip the attempt.
ALTER TABLE message_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What makes two arrivals the same message (webhook id, file identity): one row per key, pruned by age.
CREATE TABLE message_dedupe (
  tenant_id text NOT NULL,
  key_hash bytea NOT NULL,
  message_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key_hash)
);
CREATE INDEX message_dedupe_age ON message_dedupe (recorded_at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['message', 'message_chunk', 'message_dedupe'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
  PERFORM ensure_month_partitions('message', 2, now());
  PERFORM ensure_month_partitions('message_chunk', 2, now());
END $$;

-- Bytes never change: what can be updated is what became of a message, column by column.
GRANT SELECT, INSERT ON message, message_chunk TO crossdock_app, crossdock_engine;
GRANT UPDATE (state, reason, settled_at, partner, correlation_id, test, topic) ON message TO crossdock_app, crossdock_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_dedupe TO crossdock_app, crossdock_engine;
