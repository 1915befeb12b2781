import { type InboundMessage, receive, type ReceivedMessage } from '../exchange/index.ts';
import { type Db, HubError, type Tx } from '../platform/index.ts';
import { createGroupCommit, type GroupCommit } from '../queue/index.ts';
import { flowDestination, type Hub } from './flow.ts';

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
  const received = await receive(
    tx,
    arrivals.map(({ key: _key, ...message }) => message),
  );
  await hub.enqueue(
    tx,
    received.flatMap(({ id, correlationId, duplicateOf }, index) => {
      if (duplicateOf !== undefined) return [];
      const { key = id, traceparent } = arrivals[index]!;
      return [
        {
          destination: flowDestination('translate-message'),
          key,
          operation: 'message.translate',
          payload: { kind: 'message' as const, entity: { kind: 'message' as const, id }, messageId: id },
          correlationId,
          ...(traceparent === undefined ? {} : { traceparent }),
        },
      ];
    }),
  );
  return received;
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
    db.tx(tenantId, (tx) => takeMessages(tx, hub(tenantId), batch));

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
      const [received] = await run(tenantId, [arrival]);
      if (received === undefined) throw new HubError('INTERNAL', { message: 'A message was not recorded' });
      return received;
    },
    async idle() {
      await Promise.all([...commits.values()].map((commit) => commit.idle()));
    },
  };
}
