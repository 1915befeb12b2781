import type { ActionResult, ActionResults, ExceptionDetail, ExceptionView } from '../api/index.ts';
import { confirmed } from './ask.ts';
import { type ExceptionFilters, mostListed, readExceptions } from './exception.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import type { HubClient } from './hub-client.ts';
import { formatTable, type Output } from './output.ts';
import { wholeNumber } from './options.ts';
import { createProgressLine } from './progress.ts';

export interface ActOptions extends ExceptionFilters {
  reason?: string;
  input?: string[];
  to?: string;
  until?: string;
  limit: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

interface Request {
  readonly action: string;
  readonly ids: readonly string[];
  readonly options: ActOptions;
}

interface Decision {
  readonly action: string;
  readonly reason: string;
  readonly input: Readonly<Record<string, string>>;
}

/** Shows what would happen, asks, and does it: to one exception any of its actions, to many what is about the records. */
export async function actOnExceptions(client: HubClient, output: Output, request: Request): Promise<ExitCode> {
  const { action, ids, options } = request;
  if (options.reason === undefined) {
    throw new CommandFailure(exitCodes.usage, 'Say why with --reason; it is kept in the audit chain');
  }
  const decision = { action, reason: options.reason, input: inputOf(options, new Date()) };
  const targets = await targetsOf(client, ids, options);
  if (targets.length === 0) {
    output.result({ preview: true, done: 0, results: [] }, 'Nothing matches');
    return exitCodes.refused;
  }
  if (ids.length === 1) return actOnOne(client, output, targets[0]!, decision, options);
  return actOnMany(client, output, targets, decision, options);
}

async function targetsOf(client: HubClient, ids: readonly string[], options: ActOptions): Promise<ExceptionView[]> {
  const { state, class: kind, code, ownerRole, assignee, q, overdue, snoozed } = options;
  const filters = { state, class: kind, code, ownerRole, assignee, q, overdue, snoozed };
  const filtered = Object.values(filters).some((value) => value !== undefined);
  if (ids.length > 0 && filtered) throw new CommandFailure(exitCodes.usage, 'Name exceptions or say which, not both');
  if (ids.length === 0 && !filtered) {
    throw new CommandFailure(exitCodes.usage, 'Name exceptions, or say which: --code, --owner-role, --q, --overdue …');
  }
  if (ids.length === 0)
    return readExceptions(client, filters as ExceptionFilters, wholeNumber('--limit', options.limit, 1, mostListed));
  const found: ExceptionView[] = [];
  for (const id of new Set(ids)) {
    found.push((await client.request<ExceptionDetail>(`/v1/exceptions/${encodeURIComponent(id)}`)).body);
  }
  return found;
}

function inputOf({ input = [], to, until }: ActOptions, now: Date): Record<string, string> {
  const pairs = input.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new CommandFailure(exitCodes.usage, `--input takes name=value, not ${pair}`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return {
    ...(Object.fromEntries(pairs) as Record<string, string>),
    ...(to === undefined ? {} : { assignee: to }),
    ...(until === undefined ? {} : { until: instantAhead(until, now) }),
  };
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2026-06-01T13:00:00Z`, or for how long from now: `90m`, `6h`, `2d`. */
export function instantAhead(text: string, now: Date): string {
  const ahead = /^(\d{1,5})([mhd])$/.exec(text.trim());
  const ms = ahead === null ? Date.parse(text) : now.getTime() + Number(ahead[1]) * unitMs[ahead[2]!]!;
  if (Number.isNaN(ms)) throw new CommandFailure(exitCodes.usage, `${text} is neither an instant nor like 90m, 6h, 2d`);
  return new Date(ms).toISOString();
}

async function actOnOne(
  client: HubClient,
  output: Output,
  { id, version, title, cause }: ExceptionView,
  decision: Decision,
  options: ActOptions,
): Promise<ExitCode> {
  const act = async (preview: boolean): Promise<ActionResult> => {
    const path = `/v1/exceptions/${encodeURIComponent(id)}/actions`;
    const headers = { 'if-match': `"${version}"` };
    return (await client.request<ActionResult>(path, { method: 'POST', headers, json: { ...decision, preview } })).body;
  };
  const planned = await act(true);
  output.say(`${title}: ${cause}`);
  for (const effect of planned.effects) output.say(`  would: ${effect}`);
  const left = await leaveAsItIs(output, planned, options, `${decision.action}?`);
  if (left !== undefined) return left;
  const done = await act(false);
  output.result(done, done.effects.join('\n'));
  return exitCodes.ok;
}

/** Undefined where it is to be done. */
async function leaveAsItIs(
  output: Output,
  planned: unknown,
  options: ActOptions,
  question: string,
): Promise<ExitCode | undefined> {
  if (options.dryRun === true) {
    output.result(planned, 'Preview only: nothing was changed');
    return exitCodes.ok;
  }
  if (options.yes === true || (await confirmed(question))) return undefined;
  output.result(planned, 'Nothing was changed; --yes does it without asking');
  return exitCodes.refused;
}

async function actOnMany(
  client: HubClient,
  output: Output,
  targets: readonly ExceptionView[],
  decision: Decision,
  options: ActOptions,
): Promise<ExitCode> {
  const planned = await decide(client, output, targets, decision, true);
  const willing = new Set(planned.results.filter(({ outcome }) => outcome === 'done').map(({ id }) => id));
  output.say(`${willing.size} of ${targets.length} will take it: ${decision.action}`);
  const refused = refusals(planned, targets);
  if (refused.length > 0) output.say(formatTable(refused));
  if (willing.size === 0) {
    output.result(planned, 'Nothing was changed');
    return exitCodes.refused;
  }
  const left = await leaveAsItIs(output, planned, options, `${decision.action} ${willing.size}?`);
  if (left !== undefined) return left;
  const chosen = targets.filter(({ id }) => willing.has(id));
  const result = await decide(client, output, chosen, decision, false);
  output.result(result, () =>
    [`done to ${result.done} of ${chosen.length}`, formatTable(refusals(result, chosen))].filter(Boolean).join('\n'),
  );
  return result.done === chosen.length ? exitCodes.ok : exitCodes.refused;
}

function refusals({ results }: ActionResults, targets: readonly ExceptionView[]): string[][] {
  const titles = new Map(targets.map(({ id, title }) => [id, title]));
  return results
    .filter(({ outcome }) => outcome !== 'done')
    .map(({ id, outcome, code, message }) => [
      `  ${id}`,
      titles.get(id) ?? '',
      outcome === 'not_tried' ? 'not tried' : `${code}: ${message ?? ''}`,
    ]);
}

/** Fewer than the hub takes at once, so that the bar moves. */
const chunkSize = 50;

async function decide(
  client: HubClient,
  output: Output,
  targets: readonly ExceptionView[],
  decision: Decision,
  preview: boolean,
): Promise<ActionResults> {
  const line = createProgressLine(output);
  const results: ActionResults['results'] = [];
  while (results.length < targets.length) {
    const exceptions = targets
      .slice(results.length, results.length + chunkSize)
      .map(({ id, version }) => ({ id, version }));
    const json = { ...decision, preview, exceptions };
    const { body } = await client.request<ActionResults>('/v1/exceptions/actions', { method: 'POST', json });
    results.push(...body.results);
    if (body.results.some(({ outcome }) => outcome === 'failed')) {
      results.push(...targets.slice(results.length).map(({ id }) => ({ id, outcome: 'not_tried' as const })));
    }
    if (!preview) line.show(results.length, targets.length, `${results.length} of ${targets.length}`);
  }
  if (!preview) line.end();
  return { preview, done: results.filter(({ outcome }) => outcome === 'done').length, results };
}
