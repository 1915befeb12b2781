import type pg from 'pg';

/** How many rows of each kind stand for one order of the past. */
const deliveriesPerOrder = 10;
const eventsPerOrder = 3;
/** Orders seeded by one statement: small enough that its WAL does not pile up. */
const ordersPerStatement = 20_000;
/** First attempts that one row of attempt_batch holds. */
const attemptsPerBatch = 100;

export interface Seeded {
  deliveries: number;
  orders: number;
  seconds: number;
  gigabytes: number;
}

/**
 * Fills the ledger with orders that were taken in, delivered and closed over the past weeks, as rows of SQL: each has its
 * message, idempotency key, events, deliveries that their lanes' cursors have passed, and its confirmed attempts in batches. An
 * order that the hub has worked to the end is the pattern. To be called while no hub runs on the database.
 * Indexes that are neither unique nor a key are dropped meanwhile and made again from their own definitions, as sorted
 * builds; afterwards every table has been vacuumed and analyzed, as weeks of autovacuum would have left them.
 */
export async function seedLedger(db: pg.Pool, deliveries: number, pattern: string): Promise<Seeded> {
  const startedMs = performance.now();
  const orders = Math.ceil(deliveries / deliveriesPerOrder);
  const client = await db.connect();
  try {
    await client.query("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '64MB'");
    const { rows: last } = await client.query(`SELECT last_value::int AS at FROM delivery_position`);
    const base = last[0].at as number;
    await client.query(
      `SELECT setval('delivery_position', $1), setval('event_sequence', (SELECT last_value FROM event_sequence) + $2)`,
      [base + orders * deliveriesPerOrder, orders * eventsPerOrder],
    );
    await client.query('SELECT ledger_position_partitions(2)');
    await client.query(prepareSql);
    for (const sql of patternTables(pattern)) await client.query(sql);
    await refuseThinPattern(client);
    const indexes = await dropIndexes(client);
    for (let from = 0; from < orders; from += ordersPerStatement) {
      const to = Math.min(orders, from + ordersPerStatement);
      await client.query('TRUNCATE seed_order');
      await client.query(seedOrdersSql, [from + 1, to, orders]);
      for (const sql of seedSql(base)) await client.query(sql);
    }
    for (const definition of indexes) await client.query(definition);
    await client.query('UPDATE lane SET cursor_position = greatest(cursor_position, $1)', [
      base + orders * deliveriesPerOrder,
    ]);
    await client.query('VACUUM (ANALYZE)');
    const { rows: size } = await client.query('SELECT pg_database_size(current_database()) / 1e9 AS gb');
    return {
      deliveries: orders * deliveriesPerOrder,
      orders,
      seconds: (performance.now() - startedMs) / 1000,
      gigabytes: Number(size[0].gb),
    };
  } finally {
    client.release(true);
  }
}

/** A pattern without its rows would seed nothing and every ratio would be good. */
async function refuseThinPattern(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ deliveries: number; outside: number; events: number; single: number }>(
    `SELECT (SELECT count(*)::int FROM seed_delivery) AS deliveries, (SELECT count(*)::int FROM seed_delivery WHERE outside) AS outside,
       (SELECT count(*)::int FROM seed_event) AS events,
       ((SELECT count(*) FROM seed_pattern) * (SELECT count(*) FROM seed_state) * (SELECT count(*) FROM seed_message)
         * (SELECT count(*) FROM seed_key))::int AS single`,
  );
  const found = rows[0];
  if (
    found?.deliveries !== deliveriesPerOrder ||
    found.events !== eventsPerOrder ||
    found.outside === 0 ||
    found.single !== 1
  ) {
    throw new Error(`the pattern has ${JSON.stringify(found)}`);
  }
}

const filled = ['delivery', 'event', 'message', 'sales_order', 'sales_order_state', 'attempt_batch'];

async function dropIndexes(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index AS i
     WHERE i.indrelid = ANY (SELECT unnest($1::text[])::regclass) AND NOT i.indisunique AND NOT i.indisprimary`,
    [filled],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  // Of a partitioned table the definition says ONLY, which would leave the partitions without.
  return rows.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
}

// Identifiers are those of UUIDv7 at the time they
// stand for, so that they lie in the indexes as they would have come.
const prepareSql = `
  CREATE TEMP TABLE seed_order (o bigint PRIMARY KEY, at timestamptz, id uuid, message uuid, correlation text);
  CREATE FUNCTION pg_temp.id_at(at timestamptz, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(salt), 1, 3) || '8'
      || substr(md5(salt), 4, 15))::uuid $$;
`;

const seedOrdersSql = `
  INSERT INTO seed_order
  SELECT o, at, pg_temp.id_at(at, 'order' || o), pg_temp.id_at(at, 'message' || o), md5('trace' || o)
  FROM (SELECT o, now() - interval '1 hour' - ($3::bigint - o) * (interval '20 days' / $3::bigint) AS at
        FROM generate_series($1::bigint, $2::bigint) AS o) AS times`;

function seedSql(base: number): string[] {
  return [
    `INSERT INTO message (id, tenant_id, direction, channel, content_type, sha256, byte_size, body, correlation_id, actor, state,
       received_at, settled_at)
     SELECT s.message, p.tenant_id, 'in', 'api', 'application/json', sha256(s.id::text::bytea), p.byte_size, p.body, s.correlation,
       p.actor, 'processed', s.at, s.at FROM seed_order AS s, seed_message AS p`,
    `INSERT INTO idempotency_key (tenant_id, key_hash, request_hash, status, response, recorded_at)
     SELECT p.tenant_id, decode(md5('key' || s.o), 'hex'), p.request_hash, p.status, p.response, s.at
     FROM seed_order AS s, seed_key AS p`,
    `INSERT INTO sales_order (tenant_id, id, natural_key, fingerprint, customer, customer_po, channel, created_at, document)
     SELECT p.tenant_id, s.id, 'xd1-' || md5('natural' || s.o), md5('print' || s.o), p.customer, 'seed-' || s.o, p.channel, s.at,
       replace(replace(replace(p.document, p.correlation, s.correlation), p.customer_po, 'seed-' || s.o), p.id::text, s.id::text)::json
     FROM seed_order AS s, seed_pattern AS p`,
    `INSERT INTO sales_order_state (tenant_id, order_id, version, customer, channel, milestone, on_hold, hold_keys, closed,
       amount_minor, erp_order_no, state, updated_at)
     SELECT p.tenant_id, s.id, p.version, p.customer, p.channel, 'delivered', false, '{}', true, p.amount_minor, 'SEED' || s.o,
       p.state, s.at FROM seed_order AS s, seed_state AS p`,
    `INSERT INTO event (id, tenant_id, sequence, type, entity_kind, entity_id, key, order_id, version, correlation_id, occurred_at,
       recorded_at, data, changed)
     SELECT pg_temp.id_at(s.at, 'event' || s.o || '-' || e.n), e.tenant_id,
       (SELECT last_value FROM event_sequence) - 3 * (SELECT max(o) FROM seed_order) + 3 * s.o + e.n, e.type, 'order', s.id::text,
       s.id::text, s.id::text, e.version, s.correlation, s.at, s.at, e.data, e.changed
     FROM seed_order AS s CROSS JOIN seed_event AS e ORDER BY s.o, e.n`,
    `INSERT INTO delivery (position, lane_id, id, tenant_id, key, operation, payload, event_id, correlation_id, created_at)
     SELECT ${base} + (s.o - 1) * ${deliveriesPerOrder} + d.n, d.lanes[1 + s.o % cardinality(d.lanes)],
       pg_temp.id_at(s.at, 'delivery' || s.o || '-' || d.n), d.tenant_id, s.id::text, d.operation,
       jsonb_build_object('kind', d.kind, 'entity', jsonb_build_object('kind', 'order', 'id', s.id)),
       pg_temp.id_at(s.at, 'event' || s.o || '-1'), s.correlation, s.at
     FROM seed_order AS s CROSS JOIN seed_delivery AS d ORDER BY s.o, d.n`,
    // The deliveries to outside systems, a batch for so many of them in the order of their positions.
    `INSERT INTO attempt_batch (id, tenant_id, span, positions, members)
     SELECT pg_temp.id_at(max(at), 'batch' || min(position)), min(tenant_id), int8range(min(position), max(position), '[]'),
       array_agg(position ORDER BY position),
       json_agg(json_build_array(id, pg_temp.id_at(at, 'attempt' || position), 1, 'A', 'xd1-' || md5(id::text), md5(id::text), NULL, 3,
         'ERP' || position, NULL) ORDER BY position)::text
     FROM (SELECT s.at, d.tenant_id, ${base} + (s.o - 1) * ${deliveriesPerOrder} + d.n AS position,
             pg_temp.id_at(s.at, 'delivery' || s.o || '-' || d.n) AS id,
             (row_number() OVER (ORDER BY s.o, d.n) - 1) / ${attemptsPerBatch} AS batch
           FROM seed_order AS s CROSS JOIN seed_delivery AS d WHERE d.outside) AS sent
     GROUP BY batch`,
  ];
}

/** The rows of one order that the hub has worked, kept as temporary tables of the session that seeds. */
const patternTables = (orderId: string): string[] => [
  `CREATE TEMP TABLE seed_pattern AS SELECT tenant_id, id, customer, customer_po, channel, document::text AS document,
     document ->> 'correlationId' AS correlation FROM sales_order WHERE id = '${orderId}'`,
  `CREATE TEMP TABLE seed_state AS SELECT * FROM sales_order_state WHERE order_id = '${orderId}'`,
  `CREATE TEMP TABLE seed_message AS SELECT m.* FROM message AS m JOIN seed_pattern AS p ON m.correlation_id = p.correlation
     WHERE m.direction = 'in' AND m.channel = 'api' LIMIT 1`,
  'CREATE TEMP TABLE seed_key AS SELECT * FROM idempotency_key WHERE status = 201 LIMIT 1',
  `CREATE TEMP TABLE seed_event AS SELECT row_number() OVER (ORDER BY sequence) AS n, e.* FROM event AS e WHERE key = '${orderId}'
     ORDER BY sequence LIMIT ${eventsPerOrder}`,
  `CREATE TEMP TABLE seed_delivery AS SELECT row_number() OVER () AS n, d.*, (SELECT array_agg(lane_id ORDER BY lane_no) FROM lane AS l
       WHERE l.tenant_id = d.tenant_id AND l.destination = d.destination) AS lanes
     FROM (SELECT tenant_id, destination, operation, payload ->> 'kind' AS kind, destination NOT LIKE 'flow.%' AS outside
           FROM delivery_now WHERE key = '${orderId}' ORDER BY destination LIKE 'flow.%', position LIMIT ${deliveriesPerOrder}) AS d`,
];
