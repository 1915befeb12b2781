import type { Command } from 'commander';
import type { Timeline, TimelineEntry } from '../api/index.ts';
import { runCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { findOrder } from './find-order.ts';
import { formatTable } from './output.ts';

export function registerTrace(program: Command): void {
  program
    .command('trace <id>')
    .description(
      'everything that happened to an order, found by any identifier: PO, order, SSCC, tracking, invoice, ISA13 …',
    )
    .option('--json', 'machine-readable')
    .action((id: string, options: { json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        const { orderId } = await findOrder(client, id);
        const { body: timeline } = await client.request<Timeline>(`/v1/orders/${orderId}/timeline`);
        output.result(timeline, () => describe(timeline));
        return exitCodes.ok;
      }),
    );
}

const signs: Readonly<Record<TimelineEntry['tone'], string>> = {
  ok: '+',
  info: '·',
  waiting: '…',
  warning: '!',
  failed: 'x',
};

const dayOf = (instant: string): string => instant.slice(0, 10);

function describe(timeline: Timeline): string {
  const titles = new Map(timeline.lanes.map((lane) => [lane.id, lane.title]));
  let day = '';
  const rows = timeline.entries.map((entry) => [
    // The day where it begins; the times below it are of the same one.
    dayOf(entry.at) === day ? '' : (day = dayOf(entry.at)),
    entry.at.slice(11, 23),
    signs[entry.tone],
    titles.get(entry.lane) ?? entry.lane,
    entry.title,
    entry.detail ?? '',
  ]);
  return `Order ${timeline.orderNo}, correlation ${timeline.correlationId}, times in UTC\n${formatTable(rows)}`;
}
