import type { Command } from 'commander';
import type { ReconciliationPage, ReconciliationState } from '../api/index.ts';
import { runCommand } from './command.ts';
import { localActor, withDatabase } from './database.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { HubClient } from './hub-client.ts';
import { formatTable, type Output } from './output.ts';
import { loadConfig } from '../platform/index.ts';
import { reasonOption } from './options.ts';

export function registerReconcile(program: Command): void {
  const reconcile = program
    .command('reconcile')
    .description('ask every destination about what the hub does not know to have arrived; changes nothing')
    .option('--json', 'machine-readable')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        const { body: state } = await client.request<ReconciliationState>('/v1/reconciliation');
        const items = await checkAll(client, output);
        output.result({ state, items }, () => describe(state, items));
        return exitCodes.ok;
      }),
    );
  reconcile
    .command('begin')
    .description('pause all connections of a hub that is not running, after its database was put back by other means')
    .requiredOption(...reasonOption)
    .option('--gap <n>', 'how far to move control numbers, SSCCs and order numbers on', '1000')
    .option('--json', 'machine-readable')
    .action((options: { reason: string; gap: string; json?: boolean }) =>
      runCommand(options, async ({ output }) => {
        const { enterReconciliation } = await import('../app/index.ts');
        const gap = Math.max(0, Math.floor(Number(options.gap)) || 0);
        const begun = await withDatabase(loadConfig(process.env), (database) =>
          enterReconciliation(database, { reason: options.reason, actor: localActor(), gap }),
        );
        output.result({ actor: localActor(), tenants: begun }, () =>
          begun.map(({ tenant, paused }) => `${tenant}: paused ${paused.join(', ') || 'nothing'}`).join('\n'),
        );
        return exitCodes.ok;
      }),
    );
  reconcile
    .command('end')
    .description('end reconcile mode')
    .requiredOption(...reasonOption)
    .option('--resume', 'resume the connections that it had paused')
    .option('--json', 'machine-readable')
    .action((options: { reason: string; resume?: boolean; json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        const { body } = await client.request<{ resumed: string[] }>('/v1/reconciliation/end', {
          method: 'POST',
          json: { reason: options.reason, resume: options.resume === true },
        });
        output.result(body, `ended; resumed: ${body.resumed.join(', ') || 'none'}`);
        return exitCodes.ok;
      }),
    );
}

type Item = ReconciliationPage['data'][number];
const itemsMax = 100_000;

async function checkAll(client: HubClient, output: Output): Promise<Item[]> {
  const items: Item[] = [];
  for (let after = ''; ; ) {
    const { body } = await client.request<ReconciliationPage>(`/v1/reconciliation/check?limit=100${after}`, {
      method: 'POST',
      json: {},
    });
    items.push(...body.data);
    if (body.nextCursor === undefined) return items;
    if (items.length > itemsMax) throw new CommandFailure(exitCodes.refused, `More than ${itemsMax} are unsettled`);
    output.say(`${items.length} looked up …`);
    after = `&after=${encodeURIComponent(body.nextCursor)}`;
  }
}

function describe(state: ReconciliationState, items: readonly Item[]): string {
  const heading = state.active
    ? `reconciling since ${state.begunAt}: ${state.reason}\npaused: ${(state.paused ?? []).join(', ') || 'none'}`
    : 'the hub is not in reconcile mode';
  if (items.length === 0) return `${heading}\nnothing is unsettled`;
  const rows = items.map((item) => [
    `  ${item.destination}`,
    item.operation,
    item.naturalKey ?? item.key,
    item.state,
    item.outsideId === undefined ? item.finding : `${item.finding} (${item.outsideId})`,
    item.wouldDo,
  ]);
  const counts = Map.groupBy(items, (item) => item.finding);
  const sums = [...counts].map(([finding, found]) => `${found.length} ${finding.replaceAll('_', ' ')}`);
  return [heading, formatTable(rows), `${items.length} unsettled: ${sums.join(', ')}`].join('\n');
}
