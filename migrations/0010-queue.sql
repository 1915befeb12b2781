-- Lanes: what is still to do, for whom, in which order, and what was tried.

-- One configured outside system; its type, settings and secrets are the connectors' business.
CREATE TABLE connection (
  tenant_id text NOT NULL,
  id text NOT NULL,
  type text NOT NULL,
  role text NOT NULL CHECK (role IN ('erp', 'wms', 'carrier', 'storefront', 'edi')),
  settings jsonb NOT NULL DEFAULT '{}',
  -- Sealed; opened for a call only.
  secrets bytea,
  test boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE destination (
  tenant_id text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('flow', 'connection')),
  lanes smallint NOT NULL CHECK (lanes BETWEEN 1 AND 256),
  concurrency smallint NOT NULL CHECK (concurrency BETWEEN 1 AND 1000),
  paused boolean NOT NULL DEFAULT false,
  paused_reason text,
  windows jsonb NOT NULL DEFAULT '[]',
  retry jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, name)
);

-- A slice of a destination's keys. The owner's epoch fences every write: whoever took the lane over has a higher one.
CREATE TABLE lane (
  lane_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id text NOT NULL,
  destination text NOT NULL,
  lane_no smallint NOT NULL,
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  -- Everything of the lane up to here is final or parked; what is not marked otherwise has been delivered.
  cursor_position bigint NOT NULL DEFAULT 0,
  UNIQUE (tenant_id, destination, lane_no),
  FOREIGN KEY (tenant_id, destination) REFERENCES destination (tenant_id, name)
) WITH (fillfactor = 40);

-- A worker's lease: its lanes are free for others once it runs out. One row to renew however many lanes it has.
CREATE TABLE lane_worker (
  worker_id text PRIMARY KEY,
  lease_until timestamptz NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now()
);

-- CACHE 1: a session must not hold back positions that it hands out later.
CREATE SEQUENCE delivery_position AS bigint CACHE 1;

-- Written once in the ordinary case (see delivery_now). Where a batch does mark rows, some room keeps the new versions on
-- their page, off the indexes.
CREATE TABLE delivery (
  position bigint NOT NULL,
  lane_id integer NOT NULL,
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  key text NOT NULL,
  operation text NOT NULL,
  payload jsonb NOT NULL,
  event_id uuid,
  correlation_id text NOT NULL,
  traceparent text,
  natural_key text,
  priority smallint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN
    ('queued', 'in_flight', 'retry_wait', 'outcome_unknown', 'held', 'delivered', 'dead', 'discarded')),
  -- True while delivery_parked has a row for it: the lane's cursor need not wait for it.
  parked boolean NOT NULL DEFAULT false,
  attempts smallint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz,
  error_code text,
  error_text text,
  outside_id text,
  actor text,
  PRIMARY KEY (lane_id, position)
) PARTITION BY RANGE (position);

CREATE INDEX delivery_id ON delivery (id);
CREATE INDEX delivery_correlation ON delivery (correlation_id);

-- What the cursors have passed although it is open: blocked heads (waiting for a retry, a look-up or a person), and the
-- followers of their keys. Dead ones stay here too, blocking their key, until somebody replays or discards them.
CREATE TABLE delivery_parked (
  lane_id integer NOT NULL,
  position bigint NOT NULL,
  tenant_id text NOT NULL,
  key text NOT NULL,
  delivery_id uuid NOT NULL,
  -- As delivery.state; or `gone`: decided by hand, for the lane's owner to notice and remove.
  state text NOT NULL,
  -- When the queue looks at it again by itself.
  due_at timestamptz,
  -- Failed tries since it was last given a budget.
  tries smallint NOT NULL DEFAULT 0,
  -- Look-ups since the last send that found nothing, and that failed.
  lookups smallint NOT NULL DEFAULT 0,
  lookup_failures smallint NOT NULL DEFAULT 0,
  -- The peer refused for good: the next attempt is prepared anew instead of sending the stored bytes.
  prepare_anew boolean NOT NULL DEFAULT false,
  -- Stored output to send again, where it is not that of an attempt row.
  output_message_id text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (lane_id, position)
);
CREATE INDEX delivery_parked_key ON delivery_parked (lane_id, key, position);
CREATE INDEX delivery_parked_due ON delivery_parked (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_parked_state ON delivery_parked (tenant_id, state, position);

-- What is about to be sent, committed before the first byte leaves: one row per batch. It goes when every member has its
-- attempt; a member without one, in a lane that changes hands, may or may not have been sent. One row per batch instead
-- of one per delivery, because the same then follows in the attempts anyway (measured: 1.7 against 9 microseconds each).
CREATE TABLE intent (
  id uuid PRIMARY KEY,
  tenant_id text NOT NULL,
  lanes integer[] NOT NULL,
  positions bigint[] NOT NULL,
  -- JSON array of arrays: lane, epoch, position, attempt id, ordinal, class, natural key, hash, output message, settle ms.
  members text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
-- Compressing what lives for milliseconds costs more than writing it.
ALTER TABLE intent ALTER members SET STORAGE EXTERNAL;

-- What was sent, what came back and how long it took. Append-only. It started when its id says (UUIDv7). No primary key:
-- the one index that is needed is by delivery, in the order of which batches insert.
CREATE TABLE attempt (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  delivery_id uuid NOT NULL,
  attempt smallint NOT NULL,
  kind text NOT NULL DEFAULT 'send' CHECK (kind IN ('send', 'lookup', 'flow')),
  state text NOT NULL CHECK (state IN
    ('confirmed', 'rejected', 'retryable', 'unknown', 'none', 'several', 'conflict', 'unavailable')),
  epoch bigint NOT NULL,
  idempotency text,
  natural_key text,
  payload_hash text,
  output_message_id text,
  duration_ms integer,
  outside_id text,
  outcome jsonb
) PARTITION BY RANGE (id);
CREATE INDEX attempt_delivery ON attempt (delivery_id);

-- First attempts that were confirmed, as many as were recorded in one transaction: one row per batch instead of one per
-- delivery, because writing these rows cost more than everything else about a delivery together (measured: 5.8 of 14
-- microseconds). Nothing is left out: attempt_now has them one by one. Append-only.
CREATE TABLE attempt_batch (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  -- From the lowest to the highest position of its deliveries; to find the batch of a delivery.
  span int8range NOT NULL,
  positions bigint[] NOT NULL,
  -- JSON array of arrays: delivery id, attempt id, epoch, class, natural key, hash, output message, duration in ms,
  -- outside id, response.
  members text NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX attempt_batch_span ON attempt_batch USING gist (span);
ALTER TABLE attempt_batch ALTER members SET STORAGE EXTERNAL;

-- A delivery with the state it is in. Rows change only when something is out of the ordinary: one that nothing was
-- marked on is delivered (at its first attempt) when its lane's cursor has passed it, in flight while an open intent
-- names it, and queued otherwise. The intents are few: as many as batches are being sent.
CREATE VIEW delivery_now WITH (security_invoker = true) AS
  SELECT d.position, d.lane_id, d.id, d.tenant_id, l.destination, d.key, d.operation, d.payload, d.event_id,
         d.correlation_id, d.traceparent, d.natural_key, d.priority, d.parked, d.created_at, d.updated_at, d.error_code,
         d.error_text, d.outside_id, d.actor,
         CASE
           WHEN d.state = 'queued' AND NOT d.parked AND d.position <= l.cursor_position THEN 'delivered'
           WHEN d.state IN ('queued', 'retry_wait', 'outcome_unknown')
             AND EXISTS (SELECT FROM intent AS i WHERE i.positions @> ARRAY[d.position]) THEN 'in_flight'
           ELSE d.state
         END AS state,
         CASE
           WHEN d.state = 'queued' AND NOT d.parked AND d.position <= l.cursor_position THEN 1 ELSE d.attempts
         END AS attempts
  FROM delivery AS d JOIN lane AS l ON l.lane_id = d.lane_id;

-- Every attempt, one by one. To find those of one delivery of long ago, ask by the batch's span first.
CREATE VIEW attempt_now WITH (security_invoker = true) AS
  SELECT id, tenant_id, delivery_id, attempt, kind, state, epoch, idempotency, natural_key, payload_hash,
         output_message_id, duration_ms, outside_id, outcome
  FROM attempt
  UNION ALL
  SELECT (m ->> 1)::uuid, b.tenant_id, (m ->> 0)::uuid, 1::smallint, 'send', 'confirmed', (m ->> 2)::bigint, m ->> 3,
         m ->> 4, m ->> 5, m ->> 6, (m ->> 7)::integer, m ->> 8, m -> 9
  FROM attempt_batch AS b CROSS JOIN LATERAL jsonb_array_elements(b.members::jsonb) AS m;

ALTER TABLE connection ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON connection TO crossdock_app, crossdock_engine
  USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON connection TO crossdock_app, crossdock_engine;

-- The tables that the engine works across tenants.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['destination', 'lane', 'delivery', 'delivery_parked', 'attempt', 'attempt_batch', 'intent'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO crossdock_app USING (tenant_id = current_setting(''crossdock.tenant'', true))'
      || ' WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name);
    EXECUTE format('CREATE POLICY engine ON %I TO crossdock_engine USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON destination, delivery TO crossdock_app, crossdock_engine;
GRANT SELECT, INSERT ON lane TO crossdock_app;
GRANT SELECT, INSERT, UPDATE ON lane TO crossdock_engine;
GRANT SELECT, INSERT ON attempt TO crossdock_app, crossdock_engine;
GRANT SELECT ON attempt_batch TO crossdock_app;
GRANT SELECT, INSERT ON attempt_batch TO crossdock_engine;
GRANT SELECT ON intent TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON intent TO crossdock_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_parked TO crossdock_app, crossdock_engine;
GRANT SELECT ON delivery_now, attempt_now TO crossdock_app, crossdock_engine;
GRANT SELECT, USAGE ON SEQUENCE delivery_position TO crossdock_app, crossdock_engine;

-- No tenant's data: who works, and until when.
ALTER TABLE lane_worker ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON lane_worker TO crossdock_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON lane_worker TO crossdock_engine;

-- The smallest UUIDv7 of an instant (RFC 9562 §5.7: 48 bits of Unix milliseconds first).
CREATE FUNCTION ledger_uuid_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7000-8000-000000000000')::uuid
  FROM (SELECT lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS h) AS t
$$;

-- The instant of a UUIDv7, to the millisecond.
CREATE FUNCTION ledger_time_of(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT to_timestamp(('x' || lpad(left(replace(id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0)
$$;

-- Partitions carry the policies themselves: whoever names one directly sees no more than through its parent.
CREATE FUNCTION ledger_protect_partition(parent text, child text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE p record;
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
  FOR p IN SELECT polname, polroles, pg_get_expr(polqual, polrelid) AS using_expr,
                  pg_get_expr(polwithcheck, polrelid) AS check_expr
           FROM pg_policy WHERE polrelid = parent::regclass LOOP
    EXECUTE format('CREATE POLICY %I ON %I TO %s USING (%s) WITH CHECK (%s)', p.polname, child,
      (SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE oid = ANY (p.polroles)),
      p.using_expr, p.check_expr);
  END LOOP;
END $$;

-- Monthly partitions of a table partitioned by a UUIDv7: the first reaches back to the beginning of time; the month of
-- `at` and `ahead` more are there afterwards. Answers the names it made.
CREATE FUNCTION ledger_month_partitions(parent text, ahead integer, at timestamptz) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  month timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
  child text;
  first boolean := NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = parent::regclass);
BEGIN
  FOR i IN 0..ahead LOOP
    child := parent || to_char(month, '"_y"YYYY"m"MM');
    IF to_regclass(child) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%L)', child, parent,
        CASE WHEN first THEN 'MINVALUE' ELSE quote_literal(ledger_uuid_at(month AT TIME ZONE 'UTC')) END,
        ledger_uuid_at((month + interval '1 month') AT TIME ZONE 'UTC'));
      PERFORM ledger_protect_partition(parent, child);
      RETURN NEXT child;
    END IF;
    first := false;
    month := month + interval '1 month';
  END LOOP;
END $$;

-- Partitions of delivery by 10 million positions: the one being filled and `ahead` more are there afterwards.
CREATE FUNCTION ledger_position_partitions(ahead integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  width constant bigint := 10000000;
  current_no bigint := (SELECT last_value FROM delivery_position) / width;
  child text;
BEGIN
  FOR part IN current_no..current_no + ahead LOOP
    child := 'delivery_p' || lpad(part::text, 6, '0');
    IF to_regclass(child) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF delivery FOR VALUES FROM (%s) TO (%s) WITH (fillfactor = 85)',
        child, part * width, (part + 1) * width);
      PERFORM ledger_protect_partition('delivery', child);
      RETURN NEXT child;
    END IF;
  END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION ledger_protect_partition, ledger_month_partitions, ledger_position_partitions FROM PUBLIC;

SELECT ledger_position_partitions(2), ledger_month_partitions('attempt', 2, now()),
  ledger_month_partitions('attempt_batch', 2, now());
