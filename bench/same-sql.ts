import type pg from 'pg';

interface Column {
  name: string;
  type: string;
}

const fresh: Readonly<Record<string, string>> = {
  'delivery.position': "nextval('delivery_position')",
  'event.sequence': "nextval('event_sequence')",
};

/** Columns under a unique index, whose values have to differ from order to order. */
const unique: Readonly<Record<string, string>> = {
  'sales_order.natural_key': "'xd1-' || md5(random()::text)",
  'sales_order.order_number': "nextval('sales_order_number')",
};

export interface SameSql {
  script: string;
  /** Documents and bodies, sent with every execution as the hub sends them. */
  variables: Record<string, string>;
}

/** Types whose values travel and are read anew in every execution; a constant of a prepared statement is read once. */
const travelling = new Set(['json', 'jsonb', 'bytea']);

/**
 * The same rows that the hub writes for one order, as one statement for pgbench: every row of every table that carries
 * the transaction of that order's intake, with new ids. Each id that occurs is new in every execution and the same
 * wherever it occurs; the rest is as the hub wrote it.
 */
export async function intakeAsOneStatement(db: pg.Pool, orderId: string): Promise<SameSql> {
  const { rows: xids } = await db.query<{ xid: string }>('SELECT xmin::text AS xid FROM sales_order WHERE id = $1', [
    orderId,
  ]);
  const xid = xids[0]?.xid;
  if (xid === undefined) throw new Error(`order ${orderId} does not exist`);
  const tables = await db.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
  );
  const ids = new Map<string, string>();
  const inserts: string[] = [];
  const variables: Record<string, string> = {};
  for (const { name } of tables.rows) {
    const columns = await columnsOf(db, name);
    const list = columns.map((column) => `${column.name}::text AS ${column.name}`).join(', ');
    const { rows } = await db.query<Record<string, string | null>>(
      `SELECT ${list} FROM ${name} WHERE xmin::text = $1`,
      [xid],
    );
    for (const row of rows) inserts.push(insertOf(name, columns, row, ids, variables));
  }
  const named = [...ids.values()].map((id) => `uuidv7() AS ${id}`).join(', ');
  const last = inserts.pop();
  const others = inserts.map((insert, index) => `w${index} AS (${insert})`).join(',\n');
  return { script: `WITH ids AS MATERIALIZED (SELECT ${named}),\n${others}\n${last};\n`, variables };
}

/** The same with the values as constants, which a prepared statement reads once per connection. */
export function withConstants({ script, variables }: SameSql): SameSql {
  let text = script;
  for (const [name, value] of Object.entries(variables)) {
    // A colon before a letter would be a variable of pgbench's.
    const constant = value.replaceAll("'", "''").replaceAll(':', ': ');
    text = text.replace(`:${name}::`, () => `'${constant}'::`);
  }
  return { script: text, variables: {} };
}

async function columnsOf(db: pg.Pool, table: string): Promise<Column[]> {
  const { rows } = await db.query<Column>(
    `SELECT quote_ident(attname) AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [table],
  );
  return rows;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function insertOf(
  table: string,
  columns: Column[],
  row: Record<string, string | null>,
  ids: Map<string, string>,
  variables: Record<string, string>,
): string {
  const values = columns.map((column) => {
    const plain = column.name.replaceAll('"', '');
    const value = row[plain];
    const special = fresh[`${table}.${plain}`] ?? unique[`${table}.${plain}`];
    if (special !== undefined) return special;
    if (value === null || value === undefined) return 'NULL';
    if (uuid.test(value)) {
      if (!ids.has(value)) ids.set(value, `id${ids.size}`);
      return column.type === 'uuid' ? `ids.${ids.get(value)}` : `ids.${ids.get(value)}::text`;
    }
    // Hashes of keys: 16 or 32 random bytes in place of those of this order's key.
    if (column.type === 'bytea' && value.length === 2 + 32) return "decode(md5(random()::text), 'hex')";
    if (travelling.has(column.type)) {
      const name = `v${Object.keys(variables).length}`;
      variables[name] = value;
      return `:${name}::${column.type}`;
    }
    return `'${value.replaceAll("'", "''")}'::${column.type}`;
  });
  return `INSERT INTO ${table} (${columns.map((column) => column.name).join(', ')}) SELECT ${values.join(', ')} FROM ids`;
}
