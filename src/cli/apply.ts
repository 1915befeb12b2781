import type { Command } from 'commander';
import { parse as parseYaml } from 'yaml';
import type { IntakeView, InventoryRow, Page } from '../api/index.ts';
import { type ApplyPart, applyParts, type Entry, intakePart, knownParts, stockPart } from './apply-parts.ts';
import { type Finding, findDangling, findDuplicates, rehearse } from './apply-check.ts';
import { runCommand } from './command.ts';
import { confirmed } from './ask.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { createHubClient, type HubClient } from './hub-client.ts';
import type { Output } from './output.ts';
import { readInput } from './read-input.ts';
import { resolveRelativeDates } from './relative-dates.ts';

export type ApplyFile = Readonly<Record<string, unknown>>;

/** What would be, or was, done about one entry. */
export interface Change {
  readonly part: string;
  readonly key: string;
  readonly action: 'create' | 'change' | 'unchanged';
  /** Paths of what differs, with both values. */
  readonly differences: { path: string; from: unknown; to: unknown }[];
}

interface PlannedChange extends Change {
  readonly path: string;
  readonly entry: Entry;
  readonly etag: string | undefined;
}

export function registerApply(program: Command): void {
  program
    .command('apply <file>')
    .description(
      'make the hub’s configuration what a YAML or JSON file says; shows the difference first; - reads standard input',
    )
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show the difference and change nothing')
    .option('--json', 'machine-readable')
    .action((file: string, options: { yes?: boolean; dryRun?: boolean; json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const document = await readApplyFile(file, new Date());
        const client = await hub();
        const { plan, problems, warnings } = await planApply(client, document);
        const pending = plan.filter((change) => change.action !== 'unchanged');
        if (!output.json) output.say(describePlan(plan, warnings));
        refuseProblems(problems);
        if (options.dryRun !== true && pending.length > 0) {
          await confirm(options.yes === true);
          await carryOut(client, pending, output);
        }
        const counts = countOf(plan);
        const changes = pending.map(({ part, key, action, differences }) => ({ part, key, action, differences }));
        const words = options.dryRun === true ? 'would be' : 'were';
        output.result(
          { ...counts, applied: options.dryRun !== true, changes, warnings },
          `${counts.create} ${words} created, ${counts.change} changed, ${counts.unchanged} are so already`,
        );
        return exitCodes.ok;
      }),
    );
}

/** @throws CommandFailure usage: the file cannot be read, or is not an apply file */
async function readApplyFile(file: string, now: Date): Promise<ApplyFile> {
  let document: unknown;
  try {
    // YAML 1.2 is a superset of JSON. No custom tags, and aliases are bounded: a file cannot do more than say data.
    document = parseYaml((await readInput(file)).toString('utf8'), { schema: 'core', maxAliasCount: 100 });
  } catch (error) {
    throw new CommandFailure(exitCodes.usage, `${file} cannot be read: ${(error as Error).message}`);
  }
  return checkApplyFile(document, now, file);
}

/** @throws CommandFailure usage: of another version, or with parts that are not known */
function checkApplyFile(document: unknown, now: Date, name: string): ApplyFile {
  const refuse = (why: string): never => {
    throw new CommandFailure(exitCodes.usage, `${name}: ${why}`);
  };
  if (!isRecord(document)) return refuse('is not an apply file');
  const { apiVersion, timeZone = 'UTC', ...parts } = document;
  if (apiVersion !== 'crossdock/v1') refuse('apiVersion must be crossdock/v1');
  const unknown = Object.keys(parts).filter((part) => !knownParts.includes(part));
  if (unknown.length > 0) refuse(`unknown parts ${unknown.join(', ')}; known are ${knownParts.join(', ')}`);
  for (const [part, value] of Object.entries(parts)) {
    if (part === intakePart && !isRecord(value)) refuse(`${part} must be an object`);
    if (part === intakePart) continue;
    if (!Array.isArray(value)) return refuse(`${part} must be a list`);
    const odd = value.findIndex((entry) => !isRecord(entry));
    if (odd >= 0) refuse(`${part}[${odd}] must be an object`);
  }
  if (!isTimeZone(timeZone)) refuse(`timeZone ${show(timeZone)} is not an IANA time zone, such as America/New_York`);
  return resolveRelativeDates(parts, now, String(timeZone)) as ApplyFile;
}

function isTimeZone(name: unknown): boolean {
  try {
    return typeof name === 'string' && Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export interface Plan {
  readonly plan: readonly PlannedChange[];
  /** What the hub would refuse: nothing of the file is applied. */
  readonly problems: readonly Finding[];
  /** What is taken, and may not be meant. */
  readonly warnings: readonly Finding[];
}

/** Compares every entry with what the hub has, and has the hub check what is new. Changes nothing. */
async function planApply(client: HubClient, document: ApplyFile): Promise<Plan> {
  const inFile = (name: string): Entry[] => entriesOf(document, name);
  const problems = findDuplicates(inFile);
  const plan: PlannedChange[] = [];
  for (const change of await comparedWith(client, document)) {
    const rehearsed = change.action === 'unchanged' ? undefined : await rehearse(client, change);
    const findings = rehearsed?.problems ?? [];
    problems.push(...findings.map((message) => ({ part: change.part, key: change.key, message })));
    plan.push(rehearsed?.unchanged === true ? { ...change, action: 'unchanged', differences: [] } : change);
  }
  const dangling = await findDangling(client, inFile);
  return { plan, problems: [...problems, ...dangling.problems], warnings: dangling.warnings };
}

async function comparedWith(client: HubClient, document: ApplyFile): Promise<PlannedChange[]> {
  const plan: PlannedChange[] = [];
  for (const part of applyParts) {
    for (const entry of entriesOf(document, part.name)) plan.push(await planEntry(client, part, entry));
  }
  for (const entry of entriesOf(document, stockPart)) plan.push(await planSnapshot(client, entry));
  const intake = document[intakePart];
  if (intake !== undefined) plan.push(await planIntake(client, intake as Entry));
  return plan;
}

/** The tenant's bound of open deliveries; without `openMax`, or with null, that of the hub's own settings. */
async function planIntake(client: HubClient, wanted: Entry): Promise<PlannedChange> {
  const path = '/v1/intake';
  const { body, etag } = await client.request<IntakeView>(path);
  const { openMax, reason = 'crossdock apply', ...unknown } = wanted;
  const bound = openMax === null ? undefined : openMax;
  const differences = differencesOf({ openMax: body.openMax }, { openMax: bound, ...unknown }, []);
  const action = differences.length > 0 ? 'change' : 'unchanged';
  const entry = { ...(bound === undefined ? {} : { openMax: bound }), ...unknown, reason };
  return { part: intakePart, key: 'openMax', action, differences, path, entry, etag };
}

function entriesOf(document: ApplyFile, name: string): Entry[] {
  return (document[name] ?? []) as Entry[];
}

async function planEntry(client: HubClient, part: ApplyPart, entry: Entry): Promise<PlannedChange> {
  const path = part.pathOf(entry);
  const key = part.keyOf(entry);
  const stored = await client.request<Entry>(path, { accept: [404] });
  if (stored.status === 404)
    return { part: part.name, key, action: 'create', differences: [], path, entry, etag: undefined };
  const differences = differencesOf(stored.body, entry, part.unread ?? []);
  // Secrets are never read back: whether they differ only the hub can tell, which is asked before anything is said.
  const hidden = (part.unread ?? []).filter((name) => entry[name] !== undefined);
  const action = differences.length > 0 || hidden.length > 0 ? 'change' : 'unchanged';
  const unseen = differences.length > 0 ? [] : hidden.map((path) => ({ path, from: 'not shown', to: 'not shown' }));
  return {
    part: part.name,
    key,
    action,
    differences: [...differences, ...unseen],
    path,
    entry,
    etag: stored.etag,
  };
}

/** A snapshot is news when one of its items has none that is as new. */
async function planSnapshot(client: HubClient, entry: Entry): Promise<PlannedChange> {
  const location = String(entry.location);
  const path = `/v1/stock-snapshots/${encodeURIComponent(location)}`;
  const known = new Map<string, number>();
  let after = '';
  do {
    const query = `location=${encodeURIComponent(location)}&limit=500${after}`;
    const { body } = await client.request<Page<InventoryRow>>(`/v1/inventory?${query}`);
    for (const row of body.data) known.set(row.sku, row.asOfSeq ?? -1);
    after = body.nextCursor === undefined ? '' : `&after=${encodeURIComponent(body.nextCursor)}`;
  } while (after !== '');
  const positions = (Array.isArray(entry.positions) ? entry.positions : []) as ({ sku: string } | null)[];
  const news = positions.some((position) => (known.get(position?.sku ?? '') ?? -1) < Number(entry.asOfSeq));
  const difference = { path: 'asOfSeq', from: Math.max(-1, ...known.values()), to: entry.asOfSeq };
  return {
    part: stockPart,
    key: `${location}#${entry.asOfSeq}`,
    action: news ? 'change' : 'unchanged',
    differences: news ? [difference] : [],
    path,
    entry,
    etag: undefined,
  };
}

/** Leaves that differ. What the hub adds on its own (ids, defaults it writes out) is no difference. */
export function differencesOf(
  stored: unknown,
  wanted: unknown,
  ignored: readonly string[],
  path = '',
): { path: string; from: unknown; to: unknown }[] {
  if (isRecord(stored) && isRecord(wanted)) {
    const names = [...new Set([...Object.keys(wanted), ...Object.keys(stored)])].filter(
      (name) => !ignored.includes(name),
    );
    return names.flatMap((name) => {
      if (wanted[name] === undefined && (path === '' ? addedByHub.includes(name) : false)) return [];
      return differencesOf(stored[name], wanted[name], [], path === '' ? name : `${path}.${name}`);
    });
  }
  if (Array.isArray(stored) && Array.isArray(wanted) && stored.length === wanted.length) {
    return stored.flatMap((entry, index) => differencesOf(entry, wanted[index], [], `${path}[${index}]`));
  }
  return JSON.stringify(stored) === JSON.stringify(wanted) ? [] : [{ path, from: stored, to: wanted }];
}

const addedByHub = ['id', 'test', 'webhookUrl', 'missingSecrets', 'confidence', 'validFrom', 'validTo'];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts what is pending, in order. */
export async function carryOut(client: HubClient, pending: readonly PlannedChange[], output?: Output): Promise<void> {
  for (const [index, change] of pending.entries()) {
    const precondition = change.etag === undefined ? {} : { headers: { 'if-match': change.etag } };
    await client
      .request(change.path, { method: 'PUT', json: change.entry, ...precondition })
      .catch((error: unknown) => {
        throw stoppedAt(error, pending, index);
      });
    if (output !== undefined && process.stderr.isTTY && !output.json) {
      process.stderr.write(`\r${index + 1}/${pending.length}${index + 1 === pending.length ? '\n' : ''}`);
    }
  }
}

/** A file is not applied as a whole: when one entry fails, which were made is said with it. */
function stoppedAt(error: unknown, pending: readonly PlannedChange[], index: number): unknown {
  if (!(error instanceof CommandFailure)) return error;
  const named = (changes: readonly PlannedChange[]) => changes.map(({ part, key }) => ({ part, key }));
  const applied = named(pending.slice(0, index));
  const notApplied = named(pending.slice(index));
  const list = (entries: readonly { part: string; key: string }[]): string =>
    entries.map(({ part, key }) => `${part} ${key}`).join(', ') || 'nothing';
  const message = `${error.message}\napplied before it: ${list(applied)}\nnot applied: ${list(notApplied)}`;
  const told = isRecord(error.result) ? error.result : {};
  return new CommandFailure(error.exitCode, message, { ...told, error: error.message, applied, notApplied });
}

/** @throws CommandFailure refused: something in the file is not as the hub takes it; nothing was changed */
function refuseProblems(problems: readonly Finding[]): void {
  if (problems.length === 0) return;
  const message = `Nothing was changed: the hub would refuse ${problems.length === 1 ? 'an entry' : 'entries'} of the file`;
  const lines = problems.map(describeFinding);
  throw new CommandFailure(exitCodes.refused, [message, ...lines.map((line) => `  ${line}`)].join('\n'), {
    error: message,
    code: 'VALIDATION_FAILED',
    problems,
  });
}

const describeFinding = ({ part, key, message }: Finding): string => `${part} ${key}: ${message}`;

function countOf(plan: readonly Change[]): Record<Change['action'], number> {
  const counts = { create: 0, change: 0, unchanged: 0 };
  for (const change of plan) counts[change.action] += 1;
  return counts;
}

const signOf = { create: '+', change: '~', unchanged: ' ' } as const;

function describePlan(plan: readonly Change[], warnings: readonly Finding[]): string {
  const pending = plan.filter((change) => change.action !== 'unchanged');
  const lines = pending.flatMap((change) => [
    `${signOf[change.action]} ${change.part} ${change.key}`,
    ...change.differences.slice(0, 10).map(({ path, from, to }) => `    ${path}: ${show(from)} → ${show(to)}`),
    ...(change.differences.length > 10 ? [`    and ${change.differences.length - 10} more`] : []),
  ]);
  const odd = warnings.map((warning) => `! ${describeFinding(warning)}`);
  return [...(pending.length === 0 ? ['nothing to do'] : lines), ...odd].join('\n');
}

function show(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

async function confirm(yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new CommandFailure(exitCodes.usage, 'Nothing was changed. Add --yes to apply without being asked.');
  if (!(await confirmed('Apply?'))) throw new CommandFailure(exitCodes.refused, 'Nothing was changed.');
}

/**
 * The whole of it without questions.
 *
 * @param options.document an apply file as it was parsed
 * @param options.now what relative dates are relative to
 */
export async function applyDocument(options: {
  url: string;
  key: string;
  document: unknown;
  now: Date;
}): Promise<Record<Change['action'], number>> {
  const client = createHubClient(options.url, options.key);
  const { plan, problems } = await planApply(client, checkApplyFile(options.document, options.now, 'document'));
  refuseProblems(problems);
  await carryOut(
    client,
    plan.filter((change) => change.action !== 'unchanged'),
  );
  return countOf(plan);
}
