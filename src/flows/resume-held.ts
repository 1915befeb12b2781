import type { HubEvent } from '../events/index.ts';
import { type ExceptionCode, type ExceptionRecord, listExceptions } from '../exceptions/index.ts';
import type { Tx } from '../platform/index.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { resumeMessages } from './resume-messages.ts';

/** How many open exceptions of a code are looked through; more than that is no list that people work off. */
const exceptionsMax = 1_000;

/** What a held message lacks, by the code that says so, and the event after which it is there. */
type Lacks = (record: ExceptionRecord, event: HubEvent) => boolean;

const lacking: { events: readonly HubEvent['type'][]; code: ExceptionCode; lacks: Lacks }[] = [
  {
    events: ['master.xref.created', 'master.xref.changed'],
    code: 'UNKNOWN_ITEM',
    lacks: ({ data }, event) =>
      event.data?.type === 'item' &&
      event.data.external === data.external &&
      (event.data.scope === '*' || event.data.scope === (data.scope ?? data.customer)),
  },
  {
    events: ['master.xref.created', 'master.xref.changed'],
    code: 'XREF_MISSING',
    lacks: ({ data }, event) =>
      event.data?.type === data.type &&
      event.data?.external === data.external &&
      (event.data?.scope === '*' || event.data?.scope === data.scope),
  },
  {
    events: ['master.item.created'],
    code: 'UNKNOWN_ITEM',
    lacks: ({ data }, event) => data.external === event.entity.id,
  },
  {
    events: ['master.customer.created'],
    code: 'UNKNOWN_CUSTOMER',
    lacks: ({ data }, event) => data.customer === event.entity.id,
  },
];

/** Messages that waited for master data or a cross-reference are translated again once it is there, all siblings at once. */
export const resumeHeld = defineFlow({
  name: 'resume-held',
  on: ['master.xref.created', 'master.xref.changed', 'master.item.created', 'master.customer.created'],
  lanes: 1,
  async handle(tx, batch, hub) {
    await resumeLacking(tx, hub, batch);
  },
});

async function resumeLacking(tx: Tx, hub: Hub, batch: readonly FlowInput[]): Promise<void> {
  const events = batch.flatMap(({ event }) => event ?? []);
  const messageIds = new Set<string>();
  for (const { events: types, code, lacks } of lacking) {
    const concerned = events.filter((event) => types.includes(event.type));
    if (concerned.length === 0) continue;
    const { rows } = await listExceptions(tx, { state: 'open', code }, { limit: exceptionsMax });
    for (const record of rows) {
      if (record.messageId === undefined || record.data.resumable === false) continue;
      if (concerned.some((event) => lacks(record, event))) messageIds.add(record.messageId);
    }
  }
  if (messageIds.size > 0) await resumeMessages(tx, hub, [...messageIds], { reason: 'What it lacked is there' });
}
