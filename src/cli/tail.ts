import type { Command } from 'commander';
import { runCommand } from './command.ts';
import { findOrder } from './find-order.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { HubClient } from './hub-client.ts';
import { wholeNumber } from './options.ts';
import type { Output } from './output.ts';
import { readServerSentEvents } from './server-sent-events.ts';

interface TailOptions {
  order?: string;
  correlation?: string;
  type?: string;
  recent?: string;
  count?: string;
  json?: boolean;
}

/** An event as `GET /v1/events` tells it. */
interface StreamedEvent {
  id: string;
  type: string;
  entity: { kind: string; id: string };
  orderId?: string;
  orderNo?: string;
  correlationId: string;
  recordedAt: string;
  reason?: string;
  data?: Record<string, unknown>;
}

/** Instead of what happened since, where the hub does not know since when. */
interface Reset {
  id: string;
  type: 'reset';
}

export function registerTail(program: Command): void {
  program
    .command('tail')
    .description('what happens in the hub, as it happens; ends with Ctrl-C')
    .option('--order <id>', 'of one order only, by any identifier: order, PO, SSCC, tracking, invoice …')
    .option('--correlation <id>', 'of one correlation id only')
    .option('--type <types>', 'of these types only, separated by commas, e.g. sales.order.held')
    .option('--recent <n>', 'begin with so many that have happened already, at most 100')
    .option('--count <n>', 'end after so many')
    .option('--json', 'one line of JSON per event')
    .action((options: TailOptions) =>
      runCommand(options, async ({ hub, output }) => {
        const recent = options.recent === undefined ? 0 : wholeNumber('--recent', options.recent, 0, 100);
        const count =
          options.count === undefined
            ? Number.POSITIVE_INFINITY
            : wholeNumber('--count', options.count, 1, 1_000_000_000);
        const client = await hub();
        const query = new URLSearchParams();
        if (options.order !== undefined) query.set('orderId', (await findOrder(client, options.order)).orderId);
        if (options.correlation !== undefined) query.set('correlationId', options.correlation);
        if (options.type !== undefined) query.set('types', options.type);
        const ended = new AbortController();
        // `crossdock tail | head` closes the pipe: that is an end like any other.
        process.stdout.once('error', () => ended.abort());
        process.once('SIGINT', () => ended.abort());
        await follow(client, query, { recent, count, signal: ended.signal, output });
        return exitCodes.ok;
      }),
    );
}

interface Following {
  recent: number;
  count: number;
  signal: AbortSignal;
  output: Output;
}

/** The hub says something every fifteen seconds; who hears nothing for so long has a connection that is none. */
const silenceMs = 45_000;
const waitsMs = [500, 1_000, 2_000, 5_000];

/** Goes on where it stopped when the stream ends or breaks: the hub ends each after a quarter of an hour. */
async function follow(client: HubClient, query: URLSearchParams, { recent, count, signal, output }: Following) {
  let [lastEventId, told, failures, isFirst] = ['', 0, 0, true];
  while (!signal.aborted && told < count) {
    const asked = new URLSearchParams(query);
    if (isFirst && recent > 0) asked.set('recent', String(recent));
    try {
      const stream = await client.listen(`/v1/events?${asked}`, {
        signal,
        silenceMs,
        ...(lastEventId === '' ? {} : { headers: { 'last-event-id': lastEventId } }),
      });
      if (!isFirst)
        output.say(lastEventId === '' ? 'connected again; what happened meanwhile is not shown' : 'connected again');
      [isFirst, failures] = [false, 0];
      for await (const { id, data } of readServerSentEvents(stream)) {
        lastEventId = id;
        const event = JSON.parse(data) as StreamedEvent | Reset;
        if (event.type === 'reset') {
          output.say('the hub no longer keeps what came after the last event seen; what lies between is not shown');
          continue;
        }
        await tell(event as StreamedEvent, output);
        if (++told >= count) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      // A hub that was never there, or that will not have us, is not waited for.
      if (isFirst || (error instanceof CommandFailure && error.exitCode !== exitCodes.unreachable)) throw error;
      if (failures === 0) output.say(`the stream broke (${(error as Error).message}); trying again`);
    }
    await pause(waitsMs[Math.min(failures++, waitsMs.length - 1)] ?? 0, signal);
  }
}

/** Writes one event, and waits while nobody reads. */
async function tell(event: StreamedEvent, output: Output): Promise<void> {
  output.result(event, () => describe(event));
  if (process.stdout.writableNeedDrain) await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

function describe(event: StreamedEvent): string {
  const { recordedAt, type, entity, orderId, orderNo, correlationId, reason, data = {} } = event;
  const names = ['orderNo', 'shipmentNo', 'invoiceNo', 'customerPo', 'sku'].map((name) => data[name]);
  const name = names.find((value) => typeof value === 'string') ?? orderNo ?? orderId ?? entity.id;
  const words = [recordedAt, type.padEnd(34), entity.kind.padEnd(12), String(name), `correlation ${correlationId}`];
  return [...words, ...(reason === undefined ? [] : [reason])].join('  ').replaceAll(/[\t\n]/g, ' ');
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
