import type { PutOptions, PutOutcome, Versioned } from '../model/index.ts';
import { normalizeDecimal, type StockPolicy } from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { lockItems } from './lock-items.ts';
import { sameContent, takeVersion } from './put-versioned.ts';

interface PolicyRow {
  sku: string;
  location: string;
  channel: string;
  safety: string;
  buffer: string;
  reserved: string;
  version: number;
  updatedAt: Date;
}

const columns = `sku, location, channel, trim_scale(safety_stock)::text AS safety, trim_scale(buffer)::text AS buffer,
  trim_scale(reserved)::text AS reserved, version, updated_at AS "updatedAt"`;

/** `sku`, `sku@location`, `sku/channel` or `sku@location/channel`. */
export function policyKey(policy: Pick<StockPolicy, 'sku' | 'location' | 'channel'>): string {
  const location = policy.location === undefined ? '' : `@${policy.location}`;
  return `${policy.sku}${location}${policy.channel === undefined ? '' : `/${policy.channel}`}`;
}

/**
 * Creates or replaces policies by (item, location, channel). Safety stock stands on policies without a channel, buffers and
 * set-aside quantities on those with one; a set-aside quantity needs its location.
 * @throws HubError VALIDATION_FAILED, PRECONDITION_FAILED
 */
export async function putStockPolicies(
  tx: Tx,
  rows: readonly StockPolicy[],
  options: PutOptions,
): Promise<PutOutcome<StockPolicy>[]> {
  rows.forEach(check);
  await lockItems(
    tx,
    rows.map((row) => row.sku),
  );
  const stored = new Map((await readPolicies(tx, rows)).map((policy) => [policyKey(policy.value), policy]));
  const outcomes = rows.map((row): PutOutcome<StockPolicy> => {
    const value = normalize(row);
    const key = policyKey(value);
    const before = stored.get(key);
    const version = takeVersion(before, options);
    if (before === undefined) return { key, version, outcome: 'created', value };
    if (sameContent(before.value, value)) return { key, version: before.version, outcome: 'unchanged', value };
    return { key, version, outcome: 'changed', previous: before.value, value };
  });
  const changed = outcomes.filter((outcome) => outcome.outcome !== 'unchanged');
  if (changed.length > 0) {
    await tx.query(
      `INSERT INTO stock_policy (sku, location, channel, safety_stock, buffer, reserved, version, updated_at)
       SELECT sku, coalesce(location, ''), coalesce(channel, ''), coalesce("safetyStock", 0), coalesce(buffer, 0), coalesce(reserved, 0), version, $2
       FROM jsonb_to_recordset($1::jsonb) AS j(sku text, location text, channel text, "safetyStock" numeric, buffer numeric, reserved numeric, version int)
       ON CONFLICT (tenant_id, sku, location, channel) DO UPDATE SET safety_stock = EXCLUDED.safety_stock, buffer = EXCLUDED.buffer,
         reserved = EXCLUDED.reserved, version = EXCLUDED.version, updated_at = EXCLUDED.updated_at`,
      [JSON.stringify(changed.map(({ value, version }) => ({ ...value, version }))), options.now],
    );
  }
  return outcomes;
}

export async function listStockPolicies(
  tx: Tx,
  filter: { skus?: readonly string[] } = {},
): Promise<Versioned<StockPolicy>[]> {
  return readPolicies(
    tx,
    filter.skus?.map((sku) => ({ sku })),
  );
}

async function readPolicies(tx: Tx, of?: readonly { sku: string }[]): Promise<Versioned<StockPolicy>[]> {
  const rows = await tx.query<PolicyRow>(
    `SELECT ${columns} FROM stock_policy WHERE $1::text[] IS NULL OR sku = ANY($1) ORDER BY sku, location, channel`,
    [of?.map((row) => row.sku) ?? null],
  );
  return rows.map((row) => ({
    value: normalize({
      sku: row.sku,
      ...(row.location === '' ? {} : { location: row.location }),
      ...(row.channel === '' ? {} : { channel: row.channel }),
      safetyStock: row.safety,
      buffer: row.buffer,
      reserved: row.reserved,
    }),
    version: row.version,
    updatedAt: row.updatedAt,
  }));
}

/** Zero and absent mean the same: neither is kept. */
function normalize(policy: StockPolicy): StockPolicy {
  const quantity = (value: string | undefined): string | undefined => {
    const text = value === undefined ? '0' : normalizeDecimal(value);
    return text === '0' ? undefined : text;
  };
  const normal = {
    sku: policy.sku,
    location: policy.location,
    channel: policy.channel,
    safetyStock: quantity(policy.safetyStock),
    buffer: quantity(policy.buffer),
    reserved: quantity(policy.reserved),
  };
  return JSON.parse(JSON.stringify(normal)) as StockPolicy;
}

function check(policy: StockPolicy): void {
  const problem = (pointer: string, message: string): never => {
    throw new HubError('VALIDATION_FAILED', {
      message: `${policyKey(policy)}: ${message}`,
      errors: [{ pointer, code: 'invalid', message }],
    });
  };
  for (const field of ['safetyStock', 'buffer', 'reserved'] as const) {
    if (policy[field]?.startsWith('-') === true) problem(`/${field}`, 'may not be negative');
  }
  if (policy.safetyStock !== undefined && policy.channel !== undefined) {
    problem('/safetyStock', 'safety stock belongs to a location, not to a channel');
  }
  if (policy.buffer !== undefined && policy.channel === undefined) problem('/buffer', 'a buffer needs its channel');
  if (policy.reserved !== undefined && (policy.channel === undefined || policy.location === undefined)) {
    problem('/reserved', 'a quantity set aside needs its channel and location');
  }
}
