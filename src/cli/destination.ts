import type { Command } from 'commander';
import type { Destination, Page, UpdateDestinationBody } from '../api/index.ts';
import { runCommand } from './command.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { HubClient, HubReply } from './hub-client.ts';
import { formatTable } from './output.ts';
import { reasonOption } from './options.ts';

interface Common {
  reason?: string;
  json?: boolean;
}

interface DrainOptions extends Common {
  perSecond?: string;
  limit: boolean;
  rampSeconds?: string;
}

export function registerDestination(program: Command): void {
  const destination = program.command('destination').description('outside systems and flows, and what waits for them');
  destination
    .command('list')
    .description('every destination with its state and backlog')
    .option('--flows', 'the steps inside the hub too')
    .option('--json', 'machine-readable')
    .action((options: { flows?: boolean; json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const { body } = await (await hub()).request<Page<Destination>>('/v1/destinations');
        const shown = options.flows === true ? body.data : body.data.filter(({ kind }) => kind === 'connection');
        output.result(shown, () => (shown.length === 0 ? 'none configured' : formatTable(shown.map(rowOf))));
        return exitCodes.ok;
      }),
    );
  const verb = <O extends Common>(command: Command, run: Run<O>): void => {
    command.option('--json', 'machine-readable').action((name: string, options: O) =>
      runCommand(options, async ({ hub, output }) => {
        const { body } = await run(await hub(), `/v1/destinations/${encodeURIComponent(name)}`, options);
        output.result(body, () => describe(body));
        return exitCodes.ok;
      }),
    );
  };
  verb(destination.command('show <name>').description('settings, state and backlog'), (client, path) =>
    client.request<Destination>(path),
  );
  for (const name of ['pause', 'resume'] as const) {
    const words = { pause: 'deliveries to it queue up in order', resume: 'what queued up goes out in order' }[name];
    verb(
      destination
        .command(`${name} <name>`)
        .description(words)
        .requiredOption(...reasonOption),
      (client, path, { reason }) =>
        client.request<Destination>(`${path}/${name}`, { method: 'POST', json: { reason } }),
    );
  }
  verb<DrainOptions>(
    destination
      .command('drain <name>')
      .description('how fast a backlog goes out once it may')
      .option('--per-second <n>', 'deliveries a second until the backlog is gone')
      .option('--no-limit', 'as fast as it takes them')
      .option('--ramp-seconds <n>', 'calls at a time rise over so long')
      .requiredOption(...reasonOption),
    drain,
  );
}

type Run<O> = (client: HubClient, path: string, options: O) => Promise<HubReply<Destination>>;

const drain: Run<DrainOptions> = async (client, path, { reason, perSecond, limit, rampSeconds }) => {
  if (perSecond === undefined && limit && rampSeconds === undefined)
    throw new CommandFailure(exitCodes.usage, 'Say how fast: --per-second, --no-limit or --ramp-seconds');
  const { body: now, etag } = await client.request<Destination>(path);
  const { perSecond: before, rampSeconds: ramp } = now.drain;
  const rate = limit ? (numberOf('--per-second', perSecond) ?? before) : undefined;
  const json: UpdateDestinationBody = {
    drain: {
      ...(rate === undefined ? {} : { perSecond: rate }),
      rampSeconds: numberOf('--ramp-seconds', rampSeconds) ?? ramp,
    },
    reason: reason ?? '',
  };
  return client.request<Destination>(path, { method: 'PATCH', headers: { 'if-match': etag ?? '*' }, json });
};

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new CommandFailure(exitCodes.usage, `${option} takes a number, not ${text}`);
}

/** What keeps deliveries back. */
function stateOf({ paused, inWindow, breakerNow, healthNow }: Destination): string {
  if (paused) return 'paused';
  if (inWindow) return 'maintenance';
  if (breakerNow?.held === true) return 'held open';
  if (breakerNow?.state === 'open') return 'down';
  if (breakerNow?.state === 'half_open') return 'probing';
  return healthNow?.ok === false ? 'unhealthy' : 'running';
}

function backlogOf({ backlog }: Destination): string {
  const counts = Object.entries(backlog).filter(([, count]) => count > 0);
  return counts.length === 0
    ? 'nothing waits'
    : counts.map(([state, n]) => `${n} ${state.replaceAll('_', ' ')}`).join(', ');
}

const rowOf = (row: Destination): string[] => [row.name, row.role ?? row.kind, stateOf(row), backlogOf(row)];

function describe(row: Destination): string {
  const { pausedReason, breakerNow, healthNow, drain: rate, oldestOpenAt, perMinute, concurrency } = row;
  const facts: [string, string | undefined][] = [
    ['state', pausedReason === undefined ? stateOf(row) : `${stateOf(row)}: ${pausedReason}`],
    ['last failure', breakerNow?.state === 'closed' ? undefined : breakerNow?.lastError],
    ['health', healthNow === undefined ? undefined : `${healthNow.detail} (${healthNow.checkedAt})`],
    ['backlog', backlogOf(row)],
    ['oldest open', oldestOpenAt],
    ['speed', perMinute === undefined ? undefined : `${perMinute} a minute`],
    ['calls at once', String(concurrency)],
    [
      'drain',
      `${rate.perSecond === undefined ? 'no limit' : `${rate.perSecond} a second`}, ramp ${rate.rampSeconds} s`,
    ],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  return `${row.name} (${row.role ?? row.kind})\n${formatTable(known.map(([name, value]) => [`  ${name}`, value]))}`;
}
