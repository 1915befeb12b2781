import { loadItems } from '../catalog/index.ts';
import { type ExceptionCode, type ExceptionRecord, listExceptions } from '../exceptions/index.ts';
import { loadLocations } from '../inventory/index.ts';
import { findHeldOrders } from '../orders/index.ts';
import { loadCustomers } from '../parties/index.ts';
import { type CrossReference, putCrossReferences, shipToExternal } from '../partners/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { Act } from './act-on-exception.ts';
import { decideOrders } from './decide-orders.ts';
import type { Hub } from './flow.ts';
import { describeDecision } from './release-hold.ts';
import { resumeMessages } from './resume-messages.ts';

/** Siblings freed in the transaction of the approval; more follow by the event it publishes. */
const siblingsAtOnce = 200;

interface Reference {
  scope: string;
  type: CrossReference['type'];
  external: string;
}

/** Remembers what a partner's code stands for, and frees everything that waits for the same code: fix once, release all. */
export async function approveCrossReference(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const reference = referenceOf(act.record);
  const canonical = canonicalInput(act);
  await refuseUnknown(tx, reference, canonical);
  const { scope, type, external } = reference;
  const [stored] = await putCrossReferences(tx, [
    { ...reference, canonical, confidence: 100, approvedBy: act.actor, note: act.reason.slice(0, 500) },
  ]);
  await hub.events.publish(tx, [
    {
      type: stored!.version === 1 ? 'master.xref.created' : 'master.xref.changed',
      entity: { kind: 'customer', id: scope },
      key: scope,
      correlationId: act.record.correlationId ?? act.record.id,
      reason: act.reason,
      data: { id: stored!.id, scope, type, external, canonical },
    },
  ]);
  const effects = [`${scope}'s ${type} code ${external} stands for ${canonical} from now on`];
  return [
    ...effects,
    ...(type === 'ship-to' ? await freeOrders(hub, tx, act, reference) : await freeMessages(hub, tx, act, reference)),
  ];
}

function referenceOf(record: ExceptionRecord): Reference {
  const { data } = record;
  const raw = data.raw as { qualifier?: string; code: string } | undefined;
  const scope = data.scope ?? data.customer;
  const external = raw !== undefined ? shipToExternal(raw) : data.external;
  if (typeof scope !== 'string' || typeof external !== 'string' || typeof data.type !== 'string') {
    throw new HubError('ACTION_NOT_ALLOWED', { message: 'The document names no code that could be cross-referenced' });
  }
  return { scope, type: data.type as Reference['type'], external };
}

function canonicalInput(act: Act): string {
  const value = act.input.canonicalId;
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  const message = 'the id of a ship-to of the customer, the SKU or the location that the code stands for';
  throw new HubError('VALIDATION_FAILED', {
    message,
    errors: [{ pointer: '/input/canonicalId', code: 'REQUIRED', message }],
  });
}

/** A cross-reference to something that does not exist would free nothing and hide the mistake. */
async function refuseUnknown(tx: Tx, { scope, type }: Reference, canonical: string): Promise<void> {
  let known = true;
  if (type === 'item') known = (await loadItems(tx, [canonical])).has(canonical);
  if (type === 'ship-to') {
    const customer = (await loadCustomers(tx, [scope])).get(scope)?.value;
    const found = customer?.addresses.find((address) => address.id === canonical);
    known = found !== undefined && found.usage === 'shipTo' && found.active !== false;
  }
  if (type === 'location') known = (await loadLocations(tx, [canonical])).has(canonical);
  if (type === 'customer') known = (await loadCustomers(tx, [canonical])).has(canonical);
  if (known) return;
  const message = `${canonical} is no ${type === 'ship-to' ? `active ship-to of ${scope}` : type} that we know`;
  throw new HubError('VALIDATION_FAILED', {
    message,
    errors: [{ pointer: '/input/canonicalId', code: 'UNKNOWN', message }],
  });
}

async function freeOrders(hub: Hub, tx: Tx, act: Act, { scope, external }: Reference): Promise<string[]> {
  const ids = await findHeldOrders(tx, { keys: [`SHIPTO_INVALID:${scope}:${external}`] }, siblingsAtOnce);
  const own = act.record.orderId;
  const all = own === undefined || ids.includes(own) ? ids : [own, ...ids];
  const orders = await decideOrders(tx, hub, all, { by: act.actor });
  return describeDecision(orders.values());
}

const messageCodes: readonly ExceptionCode[] = ['UNKNOWN_ITEM', 'XREF_MISSING', 'UNKNOWN_CUSTOMER'];

async function freeMessages(hub: Hub, tx: Tx, act: Act, { scope, external }: Reference): Promise<string[]> {
  const waiting: ExceptionRecord[] = [];
  for (const code of messageCodes) {
    const { rows } = await listExceptions(tx, { state: 'open', code }, { limit: 1_000 });
    waiting.push(...rows.filter(({ data }) => data.external === external && (data.scope ?? data.customer) === scope));
  }
  const messageIds = [...waiting, act.record].flatMap(({ messageId, data }) =>
    messageId === undefined || data.resumable === false ? [] : [messageId],
  );
  const resumed = await resumeMessages(tx, hub, [...new Set(messageIds)], { reason: act.reason, readmit: true });
  return resumed.length === 0
    ? ['No message waits for it']
    : [`${resumed.length} message${resumed.length > 1 ? 's are' : ' is'} translated again`];
}
