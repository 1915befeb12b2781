import type { NewException } from '../exceptions/index.ts';
import { claimArrivals, type InboundMessage, receive, type ReceivedMessage } from '../exchange/index.ts';
import { type CommittableTx, type Db, HubError, joined, type Tx } from '../platform/index.ts';
import { createGroupCommit, type GroupCommit, type NewDelivery } from '../queue/index.ts';
import { flowDestination, type Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** A message at a door, to be stored and translated. */
export interface Arrival extends InboundMessage {
  /** What translations are ordered by, e.g. the partner whose files follow each other. Default: by nothing. */
  readonly key?: string;
}

/** Doors whose sender waits for the answer: group-committed, answers after COMMIT. */
export interface MessageIntake {
  submit(tenantId: string, arrival: Arrival): Promise<ReceivedMessage>;
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>;
}

/**
 * Stores messages and has them translated, in the caller's transaction: what a sender is told was taken is on its way.
 * An arrival that repeats an earlier one is answered with that one's id, and nothing is done.
 */
export async function takeMessages(tx: Tx, hub: Hub, arrivals: readonly Arrival[]): Promise<ReceivedMessage[]> {
  const received = await receive(tx, arrivals.map(messageOf));
  await reportConflicts(tx, hub, arrivals, received);
  await hub.enqueue(tx, translationsOf(arrivals, received));
  return received;
}

/** The same in a transaction of their own: what is written travels with COMMIT, so that two trips do instead of four. */
async function takeCommitting(tx: CommittableTx, hub: Hub, arrivals: readonly Arrival[]): Promise<ReceivedMessage[]> {
  const { statements, results } = await claimArrivals(tx, arrivals.map(messageOf));
  await reportConflicts(tx, hub, arrivals, results);
  const group = joined({ statements, read: () => results }, await hub.prepare(tx, translationsOf(arrivals, results)));
  const [received] = group.read(await tx.commitWith(group.statements));
  return received;
}

/** The first of its key counts; what came after it with other content is kept for a person, who alone can tell what was meant. */
async function reportConflicts(
  tx: Tx,
  hub: Hub,
  arrivals: readonly Arrival[],
  received: readonly ReceivedMessage[],
): Promise<void> {
  const problems = received.flatMap(({ conflictId, duplicateOf, correlationId }, index): NewException[] => {
    if (conflictId === undefined) return [];
    const { channel, connection, dedupeKey } = arrivals[index]!;
    const source = connection ?? channel;
    return [
      {
        code: 'CONFLICTING_DUPLICATE',
        dedupeKey: `conflicting-arrival:${dedupeKey}`,
        entityRefs: [{ kind: 'message', id: conflictId }],
        correlationId,
        messageId: conflictId,
        cause: `${source} sent a message under an id that it had used before, with other content. The first one, ${duplicateOf}, counts; this one was kept and nothing was done with it.`,
        data: { earlierMessageId: duplicateOf, resumable: false },
      },
    ];
  });
  await raiseExceptions(tx, hub, problems);
}

const messageOf = ({ key: _key, ...message }: Arrival): InboundMessage => message;

function translationsOf(arrivals: readonly Arrival[], received: readonly ReceivedMessage[]): NewDelivery[] {
  return received.flatMap(({ id, correlationId, duplicateOf }, index): NewDelivery[] => {
    if (duplicateOf !== undefined) return [];
    const { key = id, traceparent } = arrivals[index]!;
    return [
      {
        destination: flowDestination('translate-message'),
        key,
        operation: 'message.translate',
        payload: { kind: 'message', entity: { kind: 'message', id }, messageId: id },
        correlationId,
        ...(traceparent === undefined ? {} : { traceparent }),
      },
    ];
  });
}

/** A larger message has a transaction of its own, so that a batch stays small and short. */
const sharedBytesMax = 64 * 1024;

/**
 * Coalesces what arrives at the same time for one tenant into transactions of up to 100 messages, two of them in flight.
 * Measured on a walk of orders: one transaction per webhook was three quarters of all commits.
 */
export function createMessageIntake(options: { db: Db; hub: (tenantId: string) => Hub }): MessageIntake {
  const { db, hub } = options;
  const commits = new Map<string, GroupCommit<Arrival, ReceivedMessage>>();

  const run = (tenantId: string, batch: readonly Arrival[]): Promise<ReceivedMessage[]> =>
    db.tx(tenantId, (tx) => takeCommitting(tx, hub(tenantId), batch));

  function commitOf(tenantId: string): GroupCommit<Arrival, ReceivedMessage> {
    let commit = commits.get(tenantId);
    if (commit === undefined) {
      const refuse = (): HubError => new HubError('OVERLOADED');
      commit = createGroupCommit({ maxBatch: 100, maxInFlight: 2, run: (batch) => run(tenantId, batch), refuse });
      commits.set(tenantId, commit);
    }
    return commit;
  }

  return {
    async submit(tenantId, arrival) {
      if (arrival.bytes.byteLength <= sharedBytesMax) return commitOf(tenantId).submit(arrival);
      // Its parts go one by one, so that they are not all in memory twice.
      const [received] = await db.tx(tenantId, (tx) => takeMessages(tx, hub(tenantId), [arrival]));
      if (received === undefined) throw new HubError('INTERNAL', { message: 'A message was not recorded' });
      return received;
    },
    async idle() {
      await Promise.all([...commits.values()].map((commit) => commit.idle()));
    },
  };
}
