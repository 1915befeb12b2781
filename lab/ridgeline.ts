import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { SystemName, SystemSecrets } from './supervisor.ts';

interface ConnectionPart {
  id: string;
  type: string;
  role: string;
  title?: string;
  settings: Record<string, unknown>;
  secrets?: Record<string, string>;
}

/** The document that `crossdock apply` takes; its parts follow the schemas of src/model and src/partners. */
export interface Ridgeline {
  apiVersion: 'crossdock/v1';
  connections: ConnectionPart[];
  [part: string]: unknown;
}

const timeZone = 'America/New_York';
const dayMs = 86_400_000;
const companyFile = fileURLToPath(new URL('ridgeline.yaml', import.meta.url));

/**
 * Ridgeline as one resolved document: relative dates made absolute, connections pointed at a running lab and given its
 * keys.
 *
 * @param options.settings changes to single connections, e.g. `{erp: {idempotency: 'C', timeoutMs: 300}}`.
 */
export function ridgeline(options: {
  now: Date;
  urls?: Readonly<Partial<Record<SystemName, string>>>;
  secrets?: Readonly<Partial<Record<SystemName, SystemSecrets>>>;
  settings?: Readonly<Record<string, Record<string, unknown>>>;
  /** Another company instead, whose connections bear the names of the lab's systems. */
  file?: string;
}): Ridgeline {
  const file = options.file ?? companyFile;
  const document = resolveDates(parse(readFileSync(file, 'utf8')), options.now) as Ridgeline;
  for (const connection of document.connections) {
    const name = connection.id as SystemName;
    const url = options.urls?.[name];
    if (url !== undefined) connection.settings.baseUrl = url;
    Object.assign(connection.settings, options.settings?.[name]);
    const secrets = options.secrets?.[name];
    if (secrets && connection.settings.baseUrl !== undefined) connection.secrets = { ...secrets };
  }
  return document;
}

interface Position {
  sku: string;
  lot?: string;
  quantity: string;
  uom: string;
}

/** What lies at one of Ridgeline's sites when it is applied. */
export function openingStock(site: string): Position[] {
  const { stock } = parse(readFileSync(companyFile, 'utf8')) as {
    stock: { location: string; positions: Position[] }[];
  };
  return stock
    .filter(({ location }) => location === site)
    .flatMap(({ positions }) => positions.map(({ sku, lot, quantity, uom }) => ({ sku, lot, quantity, uom })));
}

/** Replaces `today`, `today±Nd` and `now` wherever a value is exactly that. */
export function resolveDates(value: unknown, now: Date): unknown {
  if (typeof value === 'string') {
    if (value === 'now') return now.toISOString();
    const match = /^today(?:([+-]\d{1,4})d)?$/.exec(value);
    return match ? localDate(new Date(now.getTime()), Number(match[1] ?? 0)) : value;
  }
  if (Array.isArray(value)) return value.map((each) => resolveDates(each, now));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolveDates(each, now)]));
}

function localDate(now: Date, days: number): string {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone }).format(now);
  // Calendar days, so that a change of the clocks never skips or repeats one.
  return new Date(Date.parse(`${today}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}
