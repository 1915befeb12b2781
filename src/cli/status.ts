import type { Command } from 'commander';
import type { ControlTower, Health } from '../api/index.ts';
import { runCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './output.ts';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('what the running hub says about itself: readiness, orders, exceptions, destinations')
    .option('--json', 'machine-readable')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        const ready = await client.request<Health>('/readyz', { accept: [503] });
        const { body: tower } = await client.request<ControlTower>('/v1/control-tower');
        output.result({ url: client.url, ready: ready.body, tower }, () => describe(client.url, ready.body, tower));
        return ready.status === 200 ? exitCodes.ok : exitCodes.refused;
      }),
    );
}

/** What keeps deliveries back, with what is known about it. */
function stateOf(row: ControlTower['destinations'][number]): string {
  const { breaker, health } = row;
  if (row.paused) return 'paused';
  if (row.inWindow) return 'maintenance';
  if (breaker?.held) return `held open by ${breaker.heldBy ?? 'a person'}`;
  if (breaker?.state === 'open') {
    const probe = breaker.nextProbeAt === undefined ? '' : `, next probe ${breaker.nextProbeAt}`;
    return `down since ${breaker.openedAt ?? breaker.since} (${breaker.lastReason ?? 'unknown'}${probe})`;
  }
  if (breaker?.state === 'half_open') return 'probing';
  return health?.ok === false ? `unhealthy: ${health.detail}` : 'running';
}

function describe(url: string, ready: Health, tower: ControlTower): string {
  const { totals, exceptions } = tower;
  const failing = ready.checks
    .filter((check) => !check.ok || check.degraded === true)
    .map((check) => `${check.name}: ${check.detail ?? 'failing'}`);
  const backlog = tower.backlog
    .filter((row) => row.orders > 0)
    .map((row) => [`  ${row.milestone}`, String(row.orders)]);
  const destinations = tower.destinations.map((row) => [
    `  ${row.name}`,
    stateOf(row),
    row.perMinute === undefined ? '' : `${row.perMinute}/min`,
    `${row.waiting} waiting`,
    `${row.retrying} retrying`,
    `${row.unknown} unknown`,
    `${row.dead} dead`,
  ]);
  return [
    `${url}  ${ready.status}${failing.length === 0 ? '' : ` (${failing.join('; ')})`}`,
    `orders: ${totals.openOrders} open, ${totals.onHold} on hold; today ${totals.receivedToday} received, ${totals.shippedToday} shipped, ${totals.invoicedToday} invoiced`,
    ...(backlog.length === 0 ? [] : [formatTable(backlog)]),
    `exceptions: ${exceptions.open} open, ${exceptions.overdue} overdue`,
    'destinations:',
    destinations.length === 0 ? '  none configured' : formatTable(destinations),
  ].join('\n');
}
