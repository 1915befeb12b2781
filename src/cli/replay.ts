import type { Command } from 'commander';
import type { DeliverySummary, Page, PlanReplayBody, Replay, ReplayDetail, ReplaySelection } from '../api/index.ts';
import { runCommand } from './command.ts';
import { confirmed } from './ask.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import type { HubClient } from './hub-client.ts';
import { formatTable, type Output } from './output.ts';
import { createProgressLine } from './progress.ts';
import { reasonOption } from './options.ts';

interface ReplayOptions {
  reason?: string;
  since?: string;
  until?: string;
  state?: string[];
  destination?: string;
  operation?: string;
  partner?: string;
  error?: string;
  exception?: string;
  key?: string;
  mode: string;
  controlNumbers: string;
  dedupe: string;
  rate?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

export function registerReplay(program: Command): void {
  const replay = program
    .command('replay [delivery]')
    .description('try one delivery again, or plan, preview and run a replay of all that match')
    .option(...reasonOption)
    .option('--since <time>', 'enqueued from: an instant, or how long ago (90m, 6h, 2d)')
    .option('--until <time>', 'enqueued before')
    .option('--state <state...>', 'dead (default), held, delivered')
    .option('--destination <name>')
    .option('--operation <name>')
    .option('--partner <account>')
    .option('--error <code>', 'error code of the last attempt')
    .option('--exception <code or id>', 'the deliveries of open exceptions')
    .option('--key <key>', 'e.g. an order’s id')
    .option(
      '--mode <mode>',
      'original (stored bytes), current (today’s maps), diff (compare, send nothing)',
      'original',
    )
    .option('--control-numbers <policy>', 'of EDI: keep or new', 'keep')
    .option('--dedupe <policy>', 'the destination’s key: keep or new', 'keep')
    .option('--rate <n>', 'deliveries a minute')
    .option('--dry-run', 'preview only')
    .option('--yes', 'do not ask')
    .option('--json', 'machine-readable')
    .action((delivery: string | undefined, options: ReplayOptions) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        if (delivery !== undefined) return replayOne(client, output, delivery, options);
        return replayMany(client, output, options);
      }),
    );
  registerSteps(replay);
}

function registerSteps(replay: Command): void {
  const step = (name: string, words: string, run: Step): void => {
    replay
      .command(`${name} <plan>`)
      .description(words)
      .option(...reasonOption)
      .option('--json', 'machine-readable')
      .action((id: string, options: { reason?: string; json?: boolean }) =>
        // `replay` has options of the same names, which take them first.
        runCommand({ ...replay.opts<ReplayOptions>(), ...options }, async ({ hub, output }) =>
          run(await hub(), output, id, { ...replay.opts<ReplayOptions>(), ...options }),
        ),
      );
  };
  step('approve', 'agree to a replay that somebody else has planned', async (client, output, id, options) => {
    const plan = await post(client, id, 'approve', { reason: reasonOf(options) });
    output.result(plan, `${plan.id} is approved by ${plan.approvedBy}; start it with crossdock replay run ${plan.id}`);
    return exitCodes.ok;
  });
  step('run', 'start a planned replay and follow it', (client, output, id) => run(client, output, id));
  step('cancel', 'stop a replay where it is', async (client, output, id, options) => {
    const plan = await post(client, id, 'cancel', { reason: reasonOf(options) });
    output.result(plan, `${plan.id} is cancelled; ${plan.progress.pending} deliveries were left alone`);
    return exitCodes.ok;
  });
  step('show', 'progress of a replay', async (client, output, id) => {
    const { body } = await client.request<ReplayDetail>(`/v1/replays/${encodeURIComponent(id)}?limit=100`);
    output.result(body, () => [describePlan(body), describeProgress(body)].join('\n'));
    return exitCodes.ok;
  });
}

type Step = (client: HubClient, output: Output, id: string, options: { reason?: string }) => Promise<ExitCode>;

function reasonOf(options: { reason?: string }): string {
  if (options.reason !== undefined) return options.reason;
  throw new CommandFailure(exitCodes.usage, 'Say why with --reason; it is kept in the audit chain');
}

async function replayOne(client: HubClient, output: Output, id: string, options: ReplayOptions): Promise<ExitCode> {
  const { body } = await client.request<DeliverySummary>(`/v1/deliveries/${encodeURIComponent(id)}/replay`, {
    method: 'POST',
    json: { reason: reasonOf(options) },
  });
  output.result(body, `${body.operation} to ${body.destination}: ${body.state}`);
  return exitCodes.ok;
}

async function replayMany(client: HubClient, output: Output, options: ReplayOptions): Promise<ExitCode> {
  const body = planOf(options, new Date());
  const { body: plan } = await client.request<Replay>('/v1/replays', { method: 'POST', json: body });
  output.say(describePlan(plan));
  const leave = async (words: string, code: ExitCode): Promise<ExitCode> => {
    const cancelled = await post(client, plan.id, 'cancel', { reason: words });
    output.result(cancelled, words);
    return code;
  };
  if (options.dryRun === true) return leave('Preview only: nothing was sent', exitCodes.ok);
  if (plan.preview.eligible === 0) return leave('Nothing that matches can be replayed', exitCodes.refused);
  if (plan.approvalReasons.length > 0) {
    output.result(
      plan,
      `A second person has to agree (${plan.approvalReasons.join(', ')}): crossdock replay approve ${plan.id} --reason …`,
    );
    return exitCodes.refused;
  }
  const verb = plan.mode === 'diff' ? 'Compare' : 'Replay';
  if (options.yes !== true && !(await confirmed(`${verb} ${plan.preview.eligible}?`)))
    return leave('Nothing was sent', exitCodes.refused);
  return run(client, output, plan.id);
}

const states = ['dead', 'held', 'delivered'] as const;
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

function planOf(options: ReplayOptions, now: Date): PlanReplayBody {
  const { destination, operation, partner, key, exception } = options;
  const selection: ReplaySelection = {
    ...(options.state === undefined ? {} : { states: options.state.map((text) => choice('--state', text, states)) }),
    ...(options.since === undefined ? {} : { since: instantOf(options.since, now) }),
    ...(options.until === undefined ? {} : { until: instantOf(options.until, now) }),
    ...(destination === undefined ? {} : { destination }),
    ...(operation === undefined ? {} : { operation }),
    ...(partner === undefined ? {} : { partner }),
    ...(key === undefined ? {} : { key }),
    ...(options.error === undefined ? {} : { errorCode: options.error }),
    ...(exception === undefined
      ? {}
      : isUuid(exception)
        ? { exceptionIds: [exception] }
        : { exceptionCode: exception }),
  };
  if (Object.keys(selection).length === 0) {
    throw new CommandFailure(exitCodes.usage, 'Name a delivery, or say which: --since, --state, --destination …');
  }
  const policies = ['keep', 'new'] as const;
  return {
    selection,
    mode: choice('--mode', options.mode, ['original', 'current', 'diff'] as const),
    controlNumbers: choice('--control-numbers', options.controlNumbers, policies),
    dedupe: choice('--dedupe', options.dedupe, policies),
    ...(options.rate === undefined ? {} : { ratePerMinute: Number(options.rate) }),
    reason: reasonOf(options),
  };
}

function choice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((candidate) => candidate === text);
  if (found === undefined) throw new CommandFailure(exitCodes.usage, `${name} must be one of ${choices.join(', ')}`);
  return found;
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2026-06-01T13:00:00Z`, a date, or how long ago: `90m`, `6h`, `2d`. */
export function instantOf(text: string, now: Date): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text.trim());
  const ms = ago === null ? Date.parse(text) : now.getTime() - Number(ago[1]) * (unitMs[ago[2] ?? ''] ?? 0);
  if (Number.isNaN(ms)) throw new CommandFailure(exitCodes.usage, `${text} is neither an instant nor like 90m, 6h, 2d`);
  return new Date(ms).toISOString();
}

async function post(client: HubClient, id: string, step: string, json: unknown): Promise<Replay> {
  const path = `/v1/replays/${encodeURIComponent(id)}/${step}`;
  return (await client.request<Replay>(path, { method: 'POST', json })).body;
}

/** Starts a plan and follows it until everything was handed over; what the lanes then do is in the last line. */
async function run(client: HubClient, output: Output, id: string): Promise<ExitCode> {
  let plan = await post(client, id, 'run', {});
  const line = createProgressLine(output);
  const total = plan.preview.eligible;
  while (plan.state === 'running') {
    line.show(total - plan.progress.pending, total, `${total - plan.progress.pending} of ${total}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    ({ body: plan } = await client.request<ReplayDetail>(`/v1/replays/${encodeURIComponent(id)}?limit=1`));
  }
  line.show(total - plan.progress.pending, total, plan.state);
  line.end();
  if (plan.mode === 'diff' && !output.json) await showDifferences(client, output, plan);
  output.result(plan, () => describeProgress(plan));
  return plan.state === 'finished' ? exitCodes.ok : exitCodes.refused;
}

const differencesShown = 20;

async function showDifferences(client: HubClient, output: Output, plan: Replay): Promise<void> {
  const path = `/v1/replays/${plan.id}?differs=true&limit=${differencesShown}`;
  const { body } = await client.request<{ items: Page<ReplayDetail['items']['data'][number]> }>(path);
  for (const item of body.items.data) {
    output.say(`\n${item.operation} to ${item.destination} (${item.deliveryId})${item.note ? `: ${item.note}` : ''}`);
    for (const { sign, text } of item.difference?.lines ?? []) output.say(`  ${sign} ${text}`);
  }
}

function describePlan({ id, preview, mode }: Replay): string {
  const rows = preview.groups.map((group) => [
    `  ${group.destination}`,
    group.operation,
    group.state,
    `${group.eligible} of ${group.count}`,
  ]);
  const { stored, anew, first } = preview.outputs;
  const sends =
    mode === 'diff' ? [] : [`sends: ${stored} as stored, ${anew} made anew, ${first} for the first time or inside`];
  const differing = preview.sample.filter(({ difference }) => difference !== undefined && !difference.same).length;
  const compared = preview.sample.length === 0 ? [] : [`of the first ${preview.sample.length}, ${differing} differ`];
  return [
    `replay ${id}: ${preview.total} match, ${preview.eligible} can be replayed (${mode})`,
    formatTable(rows),
    ...preview.skipped.map(({ why, count }) => `  passed over: ${count} × ${why}`),
    ...sends,
    ...compared,
  ].join('\n');
}

function describeProgress({ id, state, mode, progress }: Replay): string {
  const outcomes = Object.entries(progress.outcomes).map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`);
  const done =
    mode === 'diff'
      ? `${progress.compared} compared, ${progress.differing} differ`
      : `${progress.queued} queued again${outcomes.length === 0 ? '' : ` (now ${outcomes.join(', ')})`}`;
  return `replay ${id} ${state}: ${done}, ${progress.skipped} passed over, ${progress.pending} left`;
}
