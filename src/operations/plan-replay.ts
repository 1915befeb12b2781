import { listExceptions, getException } from '../exceptions/index.ts';
import {
  listDocuments,
  loadMessages,
  loadMessageStates,
  renderTrial,
  soleDocument,
  touchesStock,
} from '../exchange/index.ts';
import { loadOrders } from '../orders/index.ts';
import { type Clock, HubError, isUuid, type Tx, uuidv7, uuidv7TimeMs } from '../platform/index.ts';
import {
  type Deliverer,
  findReplayable,
  type Replayable,
  type ReplayObstacle,
  type ReplaySelection,
} from '../queue/index.ts';
import { recordAudit } from '../security/index.ts';
import { readSetting } from './operations-settings.ts';
import { compareOutputs } from './replay-difference.ts';
import {
  type ApprovalReason,
  insertItems,
  insertPlan,
  type ReplayItem,
  type ReplayPlan,
  type ReplayPreview,
  type ReplayQuery,
  type ReplayRequest,
} from './replay-plan.ts';

export interface ReplayServices {
  readonly clock: Clock;
  readonly deliverer: Pick<Deliverer, 'prepare'>;
}

/** More than this wants a narrower selection: a plan is something that a person can judge. */
const replayItemsMax = 50_000;
/** Large, because each page of delivered ones looks once through what came after it (measured: 350 ms at a million). */
const pageSize = 5_000;
const sampleMax = 5;

const words: Readonly<Record<ReplayObstacle, string>> = {
  under_way: 'It is still being worked on',
  unknown_outcome: 'Its outcome is unknown: decide that first',
  discarded: 'It was discarded',
  flow_done: 'What a flow has done is not done twice',
  overtaken: 'A later delivery of the same key exists; an old state must not overtake it',
  class_d: 'The destination cannot tell a repetition from a new request',
};

export type PlanRequest = Omit<ReplayRequest, 'ratePerMinute'> & { ratePerMinute?: number };

/**
 * Finds what a selection matches, judges every delivery, and stores both as a plan that nothing has been done of yet.
 * @throws HubError VALIDATION_FAILED when nothing or too much matches, or the policies contradict the mode
 */
export async function planReplay(
  tx: Tx,
  services: ReplayServices,
  request: PlanRequest,
  actor: string,
): Promise<ReplayPlan> {
  refuseContradiction(request);
  const settings = (await readSetting(tx, 'replay')).value;
  const found = await collect(tx, request.selection);
  if (found.length === 0) throw new HubError('VALIDATION_FAILED', { message: 'No delivery matches' });
  const items = found.map((delivery) => itemOf(delivery, request.mode));
  const eligible = items.filter((item) => item.state === 'pending').length;
  const now = services.clock.now();
  const plan: ReplayPlan = {
    ...request,
    ratePerMinute: request.ratePerMinute ?? settings.ratePerMinute,
    id: uuidv7(now.getTime()),
    state: 'planned',
    approvalReasons: await approvalReasons(tx, request, found, eligible, settings.approvalAbove),
    preview: await previewOf(tx, services, request, found, items),
    createdBy: actor,
    createdAt: now,
  };
  await insertPlan(tx, plan);
  for (let index = 0; index < items.length; index += pageSize) {
    await insertItems(tx, plan.id, items.slice(index, index + pageSize));
  }
  const { selection, mode, controlNumbers, dedupe } = plan;
  const detail = { selection, mode, controlNumbers, dedupe, total: items.length, eligible };
  await recordAudit(tx, services.clock, [
    { actor, action: 'replay.plan', subject: { kind: 'replay', id: plan.id }, reason: plan.reason, detail },
  ]);
  return plan;
}

function refuseContradiction(request: PlanRequest): void {
  if (request.dedupe === 'keep') return;
  const refuse = (pointer: string, message: string): never => {
    throw new HubError('VALIDATION_FAILED', { message, errors: [{ pointer, code: 'VALIDATION_FAILED', message }] });
  };
  // The key that the other side tells repetitions by is part of the payload: stored bytes carry the old one.
  if (request.mode !== 'current') refuse('/dedupe', 'A new key is rendered into the payload: use mode current');
  if (request.controlNumbers === 'keep') refuse('/controlNumbers', 'What is new has control numbers of its own');
}

async function collect(tx: Tx, query: ReplayQuery): Promise<Replayable[]> {
  const selection = await selectionOf(tx, query);
  const found: Replayable[] = [];
  for (let after = 0; ; ) {
    const page = await findReplayable(tx, selection, { after, limit: pageSize });
    found.push(...(await matching(tx, query, page)));
    if (found.length > replayItemsMax) {
      const message = `More than ${replayItemsMax} deliveries match; narrow the selection`;
      throw new HubError('VALIDATION_FAILED', { message });
    }
    if (page.length < pageSize) return found;
    after = (page.at(-1) as Replayable).position;
  }
}

async function selectionOf(tx: Tx, query: ReplayQuery): Promise<ReplaySelection> {
  const ids = await explicitIds(tx, query);
  return {
    ...(query.states === undefined ? {} : { states: query.states }),
    ...(query.since === undefined ? {} : { since: new Date(query.since) }),
    ...(query.until === undefined ? {} : { until: new Date(query.until) }),
    ...(query.destination === undefined ? {} : { destination: query.destination }),
    ...(query.operation === undefined ? {} : { operation: query.operation }),
    ...(query.errorCode === undefined ? {} : { errorCode: query.errorCode }),
    ...(query.key === undefined ? {} : { key: query.key }),
    ...(ids === undefined ? {} : { ids }),
  };
}

/** Deliveries named by themselves, or by the exceptions that were opened for them. */
async function explicitIds(tx: Tx, query: ReplayQuery): Promise<string[] | undefined> {
  const { deliveryIds, exceptionIds, exceptionCode } = query;
  if (deliveryIds === undefined && exceptionIds === undefined && exceptionCode === undefined) return undefined;
  const ids = new Set(deliveryIds);
  for (const id of (exceptionIds ?? []).filter(isUuid)) {
    const record = await getException(tx, id);
    if (record?.deliveryId !== undefined) ids.add(record.deliveryId);
  }
  let after: readonly string[] | undefined;
  while (exceptionCode !== undefined) {
    const page = await listExceptions(
      tx,
      { state: 'open', code: exceptionCode },
      { limit: 200, ...(after === undefined ? {} : { after }) },
    );
    for (const record of page.rows) if (record.deliveryId !== undefined) ids.add(record.deliveryId);
    after = page.next;
    if (after === undefined || ids.size > replayItemsMax) break;
  }
  return [...ids];
}

/** The filters that the ledger's own search does not know: the partner, and all of them where ids were named. */
async function matching(tx: Tx, query: ReplayQuery, page: readonly Replayable[]): Promise<Replayable[]> {
  const { since, until, destination, operation, errorCode, key, partner } = query;
  const states: readonly string[] | undefined = query.states;
  const kept = page.filter(
    (row) =>
      (states === undefined || states.includes(row.state)) &&
      (since === undefined || uuidv7TimeMs(row.id) >= Date.parse(since)) &&
      (until === undefined || uuidv7TimeMs(row.id) < Date.parse(until)) &&
      (destination === undefined || row.destination === destination) &&
      (operation === undefined || row.operation === operation) &&
      (errorCode === undefined || row.errorCode === errorCode) &&
      (key === undefined || row.key === key),
  );
  if (partner === undefined) return kept;
  const partners = await partnersOf(tx, kept);
  return kept.filter((row) => partners.get(row.id) === partner);
}

/** Whose business a delivery is: of its document, its message, or its order (what belongs to an order has its id as key). */
async function partnersOf(tx: Tx, rows: readonly Replayable[]): Promise<Map<string, string>> {
  const idOf = (row: Replayable): string => row.payload.entity?.id ?? '';
  const documents = rows.filter((row) => row.payload.entity?.kind === 'document');
  const messages = rows.filter((row) => row.payload.messageId !== undefined);
  const orders = rows.filter((row) => isUuid(row.key));
  const byDocument = new Map<string, string | undefined>();
  if (documents.length > 0)
    for (const { id, partner } of await listDocuments(tx, { ids: documents.map(idOf), limit: pageSize }))
      byDocument.set(id, partner);
  const byMessage = new Map<string, string | undefined>();
  const messageIds = messages.map((row) => row.payload.messageId as string);
  for (const { id, partner } of await loadMessageStates(tx, messageIds)) byMessage.set(id, partner);
  const byOrder = await loadOrders(tx, [...new Set(orders.map((row) => row.key))]);
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const partner =
        byDocument.get(idOf(row)) ?? byMessage.get(row.payload.messageId ?? '') ?? byOrder.get(row.key)?.customer;
      return partner === undefined ? [] : [[row.id, partner]];
    }),
  );
}

function itemOf(delivery: Replayable, mode: ReplayRequest['mode']): ReplayItem {
  const { position, id, destination, operation, key, state } = delivery;
  const item = { position, deliveryId: id, destination, operation, key, stateBefore: state };
  const note = skipNote(delivery, mode);
  return note === undefined ? { ...item, state: 'pending' } : { ...item, state: 'skipped', note };
}

/** Why a delivery is passed over, in words; undefined when it goes. A comparison sends nothing, so little stands in its way. */
export function skipNote(delivery: Replayable, mode: ReplayRequest['mode']): string | undefined {
  if (mode === 'diff') return delivery.destination.startsWith('flow.') ? 'A flow sends nothing' : undefined;
  return delivery.obstacle === undefined ? undefined : words[delivery.obstacle];
}

async function approvalReasons(
  tx: Tx,
  request: PlanRequest,
  found: readonly Replayable[],
  eligible: number,
  approvalAbove: number,
): Promise<ApprovalReason[]> {
  if (request.mode === 'diff') return [];
  const reasons: ApprovalReason[] = [];
  if (eligible > approvalAbove) reasons.push('count');
  if (await touchesStock(tx, found)) reasons.push('stock');
  if (request.dedupe === 'new') reasons.push('new_dedupe');
  return reasons;
}

async function previewOf(
  tx: Tx,
  services: ReplayServices,
  request: PlanRequest,
  found: readonly Replayable[],
  items: readonly ReplayItem[],
): Promise<ReplayPreview> {
  const groups = new Map<string, ReplayPreview['groups'][number]>();
  const skipped = new Map<string, number>();
  const outputs = { stored: 0, anew: 0, first: 0 };
  for (const [index, item] of items.entries()) {
    const { destination, operation, stateBefore } = item;
    const name = JSON.stringify([destination, operation, stateBefore]);
    const group = groups.get(name) ?? { destination, operation, state: stateBefore, count: 0, eligible: 0 };
    groups.set(name, group);
    group.count++;
    if (item.state === 'skipped') skipped.set(item.note ?? '', (skipped.get(item.note ?? '') ?? 0) + 1);
    else group.eligible++;
    if (item.state === 'skipped' || request.mode === 'diff' || destination.startsWith('flow.')) continue;
    if (found[index]?.outputMessageId === undefined) outputs.first++;
    else outputs[request.mode === 'original' ? 'stored' : 'anew']++;
  }
  const times = found.map((row) => row.createdAt.getTime());
  const eligible = items.filter((item) => item.state === 'pending').length;
  return {
    total: items.length,
    eligible,
    groups: [...groups.values()],
    skipped: [...skipped].map(([why, count]) => ({ why, count })),
    outputs,
    oldestAt: new Date(times.reduce((a, b) => Math.min(a, b))).toISOString(),
    newestAt: new Date(times.reduce((a, b) => Math.max(a, b))).toISOString(),
    sample: request.mode === 'original' ? [] : await sampleOf(tx, services, found, items),
  };
}

async function sampleOf(
  tx: Tx,
  services: ReplayServices,
  found: readonly Replayable[],
  items: readonly ReplayItem[],
): Promise<ReplayPreview['sample']> {
  const chosen = found
    .filter((row, index) => items[index]?.state === 'pending' && !row.destination.startsWith('flow.'))
    .slice(0, sampleMax);
  const sample: ReplayPreview['sample'] = [];
  for (const delivery of chosen) {
    const { id: deliveryId, destination, operation } = delivery;
    sample.push({ deliveryId, destination, operation, ...(await compareDelivery(tx, services, delivery)) });
  }
  return sample;
}

/** What today's maps would make of a delivery against what was sent. Nothing is sent or stored. */
export async function compareDelivery(
  tx: Tx,
  services: ReplayServices,
  delivery: Replayable,
): Promise<Pick<ReplayPreview['sample'][number], 'difference' | 'problem'>> {
  const stored =
    delivery.outputMessageId === undefined
      ? undefined
      : (await loadMessages(tx, [delivery.outputMessageId])).get(delivery.outputMessageId);
  const sent = stored && (await aloneOf(tx, delivery, stored.bytes));
  const trial = await renderTrial(tx, services.deliverer, delivery, sent);
  if ('problem' in trial) return { problem: trial.problem };
  return { difference: compareOutputs(sent ?? new Uint8Array(), trial.bytes) };
}

/** Of an interchange of several documents the one that this delivery sends. */
async function aloneOf(tx: Tx, { payload }: Replayable, bytes: Uint8Array): Promise<Uint8Array> {
  if (payload.entity?.kind !== 'document') return bytes;
  const [document] = await listDocuments(tx, { ids: [payload.entity.id] });
  return (document && soleDocument(bytes, document.groupControl, document.control)) ?? bytes;
}
