import { deliveryEvent, type Events } from '../events/index.ts';
import { storeRenumbered } from '../exchange/index.ts';
import { HubError, isHubError, type Tx } from '../platform/index.ts';
import {
  type ByHand,
  type Deliveries,
  findReplayable,
  type NewDelivery,
  type Rendering,
  replayAs,
  type Replayable,
} from '../queue/index.ts';
import { recordAudit } from '../security/index.ts';
import { compareDelivery, type ReplayServices, skipNote } from './plan-replay.ts';
import {
  getPlan,
  listItems,
  type ReplayItem,
  type ReplayPlan,
  saveItems,
  savePlan,
  takeRunningPlan,
} from './replay-plan.ts';

export interface ReplayRunner extends ReplayServices {
  readonly deliveries: Pick<Deliveries, 'replay' | 'discard'>;
  readonly events: Pick<Events, 'publish'>;
  enqueue(tx: Tx, deliveries: readonly NewDelivery[]): Promise<string[]>;
}

/** Deliveries of one transaction; comparisons render, which takes longer. */
const batchMax = 200;
const comparedMax = 50;
/** How much of the rate may be made up for at once after a pause. */
const burstMs = 5_000;

type Services = Pick<ReplayServices, 'clock'>;

/**
 * A second person agrees.
 * @throws HubError NOT_FOUND, CONFLICT (it is not waiting for that), FORBIDDEN (the planner)
 */
export async function approveReplay(
  tx: Tx,
  services: Services,
  id: string,
  by: { actor: string; reason: string },
): Promise<ReplayPlan> {
  const plan = await getPlan(tx, id, 'FOR UPDATE');
  if (plan.state !== 'planned') throw conflict(plan);
  if (plan.approvalReasons.length === 0) throw new HubError('CONFLICT', { message: 'It needs no approval' });
  if (plan.approvedBy !== undefined) throw new HubError('CONFLICT', { message: `${plan.approvedBy} has approved it` });
  if (plan.createdBy === by.actor)
    throw new HubError('FORBIDDEN', { message: 'Whoever planned it cannot approve it: a second person has to' });
  const approved = { ...plan, approvedBy: by.actor, approvedAt: services.clock.now() };
  await savePlan(tx, approved);
  await audit(tx, services, approved, 'replay.approve', by.actor, by.reason, { for: plan.approvalReasons });
  return approved;
}

/** @throws HubError NOT_FOUND, CONFLICT (it has been started before, or waits for a second person) */
export async function startReplay(
  tx: Tx,
  services: Services,
  id: string,
  by: { actor: string; reason?: string },
): Promise<ReplayPlan> {
  const plan = await getPlan(tx, id, 'FOR UPDATE');
  if (plan.state !== 'planned') throw conflict(plan);
  if (plan.approvalReasons.length > 0 && plan.approvedBy === undefined) {
    throw new HubError('CONFLICT', {
      message: `A second person has to approve it first (${plan.approvalReasons.join(', ')})`,
    });
  }
  const now = services.clock.now();
  const started: ReplayPlan = { ...plan, state: 'running', startedBy: by.actor, startedAt: now, pacedAt: now };
  await savePlan(tx, started);
  await audit(tx, services, started, 'replay.run', by.actor, by.reason ?? plan.reason);
  return started;
}

/** What has been put back stays so; the rest is left alone. @throws HubError NOT_FOUND, CONFLICT (it has ended) */
export async function cancelReplay(
  tx: Tx,
  services: Services,
  id: string,
  by: { actor: string; reason: string },
): Promise<ReplayPlan> {
  const plan = await getPlan(tx, id, 'FOR UPDATE');
  if (plan.state !== 'planned' && plan.state !== 'running') throw conflict(plan);
  const ended: ReplayPlan = { ...plan, state: 'cancelled', endedBy: by.actor, endedAt: services.clock.now() };
  await savePlan(tx, ended);
  await audit(tx, services, ended, 'replay.cancel', by.actor, by.reason);
  return ended;
}

const conflict = (plan: ReplayPlan): HubError => new HubError('CONFLICT', { message: `The replay is ${plan.state}` });

/**
 * One bounded batch of the tenant's running plan, within its rate. All of it commits together: a hub that stops in
 * between has done nothing of the batch, and another one goes on from the plan's rows.
 * @returns how many deliveries were worked
 */
export async function workReplays(tx: Tx, services: ReplayRunner): Promise<number> {
  const plan = await takeRunningPlan(tx);
  if (plan === undefined) return 0;
  const { allowed, pacedAt } = allowanceOf(plan, services.clock.now());
  if (allowed === 0) return 0;
  const items = await listItems(tx, plan.id, { state: 'pending', limit: allowed });
  const found = await findReplayable(
    tx,
    { ids: items.map((item) => item.deliveryId) },
    { after: 0, limit: items.length },
  );
  const byId = new Map(found.map((delivery) => [delivery.id, delivery]));
  const done: ReplayItem[] = [];
  for (const item of items) {
    const delivery = byId.get(item.deliveryId);
    const outcome: Partial<ReplayItem> =
      delivery === undefined
        ? { state: 'skipped', note: 'It is no longer there' }
        : await workItem(tx, services, plan, item, delivery);
    done.push({ ...item, ...outcome, workedAt: services.clock.now() });
  }
  await saveItems(tx, plan.id, done);
  await announce(tx, services, plan, done, byId);
  const [rest] = await listItems(tx, plan.id, { state: 'pending', limit: 1 });
  const ended = rest === undefined;
  await savePlan(tx, {
    ...plan,
    pacedAt,
    ...(ended ? { state: 'finished' as const, endedBy: 'hub', endedAt: services.clock.now() } : {}),
  });
  await auditBatch(tx, services, plan, done, ended);
  return done.length;
}

async function announce(
  tx: Tx,
  services: ReplayRunner,
  plan: ReplayPlan,
  done: readonly ReplayItem[],
  byId: ReadonlyMap<string, Replayable>,
): Promise<void> {
  const news = done
    .filter(({ state }) => state === 'queued')
    .flatMap(({ deliveryId, newDeliveryId, stateBefore }) => {
      const anew = newDeliveryId === undefined ? {} : { newDeliveryId };
      const data = { stateBefore, by: plan.startedBy ?? plan.createdBy, replayId: plan.id, ...anew };
      return deliveryEvent('ops.delivery.replayed', byId.get(deliveryId)!, { reason: plan.reason, data });
    });
  if (news.length > 0) await services.events.publish(tx, news);
}

/** How many deliveries the rate allows now, and up to when that uses it. */
function allowanceOf(plan: ReplayPlan, now: Date): { allowed: number; pacedAt: Date } {
  if (plan.mode === 'diff') return { allowed: comparedMax, pacedAt: now };
  const msEach = 60_000 / plan.ratePerMinute;
  const from = Math.max((plan.pacedAt ?? now).getTime(), now.getTime() - Math.max(burstMs, msEach));
  const allowed = Math.min(batchMax, Math.floor((now.getTime() - from) / msEach));
  return { allowed, pacedAt: new Date(from + allowed * msEach) };
}

/** One delivery, in a savepoint of its own: what is refused leaves no trace and stops nobody else. */
async function workItem(
  tx: Tx,
  services: ReplayRunner,
  plan: ReplayPlan,
  item: ReplayItem,
  delivery: Replayable,
): Promise<Partial<ReplayItem>> {
  const note = skipNote(delivery, plan.mode);
  if (note !== undefined) return { state: 'skipped', note };
  if (plan.mode === 'diff') return compare(tx, services, delivery);
  // Somebody else has dealt with it since it was planned; the plan was approved for what it was then.
  if (delivery.state !== item.stateBefore) return { state: 'skipped', note: `It is ${delivery.state} meanwhile` };
  await tx.query('SAVEPOINT replayed');
  try {
    const made = await replay(tx, services, plan, delivery);
    await tx.query('RELEASE SAVEPOINT replayed');
    return made;
  } catch (error) {
    if (!isHubError(error) || error.disposition === 'retry') throw error;
    await tx.query('ROLLBACK TO SAVEPOINT replayed');
    return { state: 'skipped', note: `${error.code}: ${error.message}` };
  }
}

async function compare(tx: Tx, services: ReplayRunner, delivery: Replayable): Promise<Partial<ReplayItem>> {
  const { difference, problem } = await compareDelivery(tx, services, delivery);
  if (difference === undefined) return { state: 'compared', differs: true, note: problem ?? '' };
  return { state: 'compared', differs: !difference.same, ...(difference.same ? {} : { difference }) };
}

async function replay(
  tx: Tx,
  services: ReplayRunner,
  plan: ReplayPlan,
  delivery: Replayable,
): Promise<Partial<ReplayItem>> {
  const by: ByHand = { reason: `Replay ${plan.id}: ${plan.reason}`, actor: plan.startedBy ?? plan.createdBy };
  if (plan.dedupe === 'new') return sendAsNew(tx, services, delivery, by);
  const rendering = await renderingOf(tx, services, plan, delivery);
  await replayAs(tx, services.deliveries, delivery.id, by, rendering);
  return { state: 'queued' };
}

async function renderingOf(tx: Tx, services: ReplayRunner, plan: ReplayPlan, delivery: Replayable): Promise<Rendering> {
  const { outputMessageId, payload } = delivery;
  const usual: Rendering = { kind: plan.mode === 'original' ? 'stored' : 'anew' };
  // Without an output there is nothing to keep; what is no document of a partner has no numbers.
  if (outputMessageId === undefined || payload.entity?.kind !== 'document') return usual;
  // Stored bytes keep their numbers, and what is made anew takes new ones: the two other cases are made here.
  if ((plan.mode === 'original') === (plan.controlNumbers === 'keep')) return usual;
  const source = plan.mode === 'original' ? 'stored' : 'current';
  const messageId = await storeRenumbered(tx, services.deliverer, { ...delivery, outputMessageId }, source);
  return { kind: 'message', messageId };
}

/** A request of its own: same event and content, another key over there, behind what its key already has to do. */
async function sendAsNew(
  tx: Tx,
  services: ReplayRunner,
  delivery: Replayable,
  by: ByHand,
): Promise<Partial<ReplayItem>> {
  if (delivery.destination.startsWith('flow.'))
    throw new HubError('ACTION_NOT_ALLOWED', { message: 'A flow has no key outside' });
  // A dead one would block what takes its place.
  if (delivery.state !== 'delivered') await services.deliveries.discard(tx, delivery.id, by);
  const before = delivery.naturalKey ?? delivery.key;
  const instance = Number(/-r(\d+)$/.exec(before)?.[1] ?? 0) + 1;
  const { destination, key, operation, payload, eventId, correlationId, traceparent, priority } = delivery;
  const [newDeliveryId] = await services.enqueue(tx, [
    {
      destination,
      key,
      operation,
      payload,
      ...(eventId === undefined ? {} : { eventId }),
      correlationId,
      ...(traceparent === undefined ? {} : { traceparent }),
      naturalKey: `${before.replace(/-r\d+$/, '')}-r${instance}`,
      priority,
    },
  ]);
  return { state: 'queued', ...(newDeliveryId === undefined ? {} : { newDeliveryId }) };
}

/** One entry per batch names every delivery that was touched: as complete as one each, and the chain stays readable. */
async function auditBatch(
  tx: Tx,
  services: ReplayRunner,
  plan: ReplayPlan,
  done: readonly ReplayItem[],
  ended: boolean,
): Promise<void> {
  const actor = plan.startedBy ?? plan.createdBy;
  const queued = done.filter((item) => item.state === 'queued').map((item) => item.newDeliveryId ?? item.deliveryId);
  if (queued.length > 0) await audit(tx, services, plan, 'replay.deliveries', actor, plan.reason, { queued });
  if (ended) await audit(tx, services, plan, 'replay.finish', 'hub', plan.reason);
}

async function audit(
  tx: Tx,
  services: Services,
  plan: ReplayPlan,
  action: string,
  actor: string,
  reason: string,
  detail?: unknown,
): Promise<void> {
  await recordAudit(tx, services.clock, [{ actor, action, subject: { kind: 'replay', id: plan.id }, reason, detail }]);
}
