import type { Command } from 'commander';
import type { Assignee, ExceptionDetail, ExceptionView, Page } from '../api/index.ts';
import { runCommand } from './command.ts';
import { actOnExceptions, type ActOptions } from './exception-act.ts';
import { exitCodes } from './exit-codes.ts';
import type { HubClient } from './hub-client.ts';
import { formatTable } from './output.ts';
import { reasonOption, wholeNumber } from './options.ts';
import { formatMinor } from '../model/index.ts';

/** The filters of `GET /v1/exceptions`. */
export interface ExceptionFilters {
  state?: string;
  class?: string;
  code?: string;
  ownerRole?: string;
  assignee?: string;
  q?: string;
  overdue?: boolean;
  snoozed?: boolean;
}

interface ListOptions extends ExceptionFilters {
  sort?: string;
  limit: string;
  json?: boolean;
}

export function registerException(program: Command): void {
  const exception = program
    .command('exception')
    .description('what wants a person: list it, look at one, and act, with a preview first and a reason');
  withFilters(exception.command('list').description('exceptions that are not resolved, due first'))
    .option('--sort <order>', 'due (default), severity, newest')
    .option('--limit <n>', 'at most so many', '50')
    .option('--json', 'machine-readable')
    .action((options: ListOptions) =>
      runCommand(options, async ({ hub, output }) => {
        const { limit, sort, json: _, ...filters } = options;
        const client = await hub();
        const rows = await readExceptions(client, filters, wholeNumber('--limit', limit, 1, mostListed), sort);
        const nameOf = await readNames(client);
        output.result({ data: rows }, () => (rows.length === 0 ? 'Nothing matches' : describeRows(rows, nameOf)));
        return exitCodes.ok;
      }),
    );
  exception
    .command('show <id>')
    .description('one exception: its cause, what waits because of it, what can be done, and its history')
    .option('--json', 'machine-readable')
    .action((id: string, options: { json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        const { body } = await client.request<ExceptionDetail>(`/v1/exceptions/${encodeURIComponent(id)}`);
        const nameOf = await readNames(client);
        output.result(body, () => describeOne(body, nameOf));
        return exitCodes.ok;
      }),
    );
  withFilters(
    exception
      .command('act <action> [id...]')
      .description('does something about exceptions, by id, or assign, snooze, note or resolve all that match'),
  )
    .option(...reasonOption)
    .option('--input <name=value...>', 'what the action needs: `exception show` names it')
    .option('--to <who>', 'of assign: a name, an e-mail address, me (default) or none')
    .option('--until <time>', 'of snooze: an instant, or for how long (90m, 6h, 2d)')
    .option('--limit <n>', 'of all that match: at most so many, due first', '200')
    .option('--dry-run', 'preview only')
    .option('--yes', 'do not ask')
    .option('--json', 'machine-readable')
    .action((action: string, ids: string[], options: ActOptions) =>
      runCommand(options, async ({ hub, output }) => actOnExceptions(await hub(), output, { action, ids, options })),
    );
}

function withFilters(command: Command): Command {
  return command
    .option('--state <state>', 'open (default), assigned, waitingPartner, autoRetry, resolved, suppressed, all')
    .option('--class <class>', 'business, data, technical')
    .option('--code <code>')
    .option('--owner-role <role>', 'customer_service, operations, edi, integration, finance, admin')
    .option('--assignee <who>', 'a name, an e-mail address, me, or none')
    .option('--q <text>', 'words of the title or cause, an order number, the beginning of a PO')
    .option('--overdue', 'only what is past its due time')
    .option('--snoozed', 'only what is snoozed until later')
    .option('--no-snoozed', 'without what is snoozed until later');
}

/** For `--limit`. */
export const mostListed = 10_000;
const pageMost = 500;

/** All that match, `most` at most, page by page. */
export async function readExceptions(
  client: HubClient,
  filters: ExceptionFilters,
  most: number,
  sort?: string,
): Promise<ExceptionView[]> {
  const past = filters.state === 'resolved' || filters.state === 'all';
  const given = Object.entries({ sort: sort ?? (past ? undefined : 'due'), ...filters });
  const known = given.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]);
  const rows: ExceptionView[] = [];
  let after: string | undefined;
  do {
    const query = new URLSearchParams(Object.fromEntries(known) as Record<string, string>);
    query.set('limit', String(Math.min(pageMost, most - rows.length)));
    if (after !== undefined) query.set('after', after);
    const { body } = await client.request<Page<ExceptionView>>(`/v1/exceptions?${query}`);
    rows.push(...body.data);
    after = body.nextCursor;
  } while (after !== undefined && rows.length < most);
  return rows;
}

type NameOf = (actor: string) => string;

/** People by their names. */
async function readNames(client: HubClient): Promise<NameOf> {
  const { body } = await client.request<Page<Assignee>>('/v1/assignees');
  const names = new Map(body.data.map(({ actor, name }) => [actor, name]));
  return (actor) => names.get(actor) ?? actor;
}

function describeRows(rows: readonly ExceptionView[], nameOf: NameOf): string {
  const now = Date.now();
  return formatTable([
    ['ID', 'SEVERITY', 'DUE', 'OWNER', 'ASSIGNED', 'WHAT'],
    ...rows.map((row) => [
      row.id,
      row.severity,
      row.resolvedAt === undefined ? dueWords(row.dueAt, now) : 'resolved',
      row.ownerRole,
      row.assignee === undefined ? '-' : nameOf(row.assignee),
      `${row.code}: ${row.cause}`,
    ]),
  ]);
}

function dueWords(dueAt: string | undefined, now: number): string {
  if (dueAt === undefined) return '-';
  const minutes = Math.round((Date.parse(dueAt) - now) / 60_000);
  const size = Math.abs(minutes);
  const text =
    size < 120 ? `${size} min` : size < 2_880 ? `${Math.round(size / 60)} h` : `${Math.round(size / 1_440)} d`;
  return minutes < 0 ? `${text} late` : `in ${text}`;
}

function describeOne(exception: ExceptionDetail, nameOf: NameOf): string {
  const { impact } = exception;
  const money = impact.money.map(({ currency, minor }) => `${formatMinor(minor, currency)} ${currency}`).join(', ');
  const assigned = exception.assignee === undefined ? 'nobody' : nameOf(exception.assignee);
  const led = (exception.outcomeRefs ?? []).map(({ kind, label, id }) => `  became ${kind} ${label ?? id}`);
  return [
    `${exception.title} (${exception.code}, ${exception.severity}, ${exception.state})`,
    exception.cause,
    `  ${exception.suggestedFix ?? ''}`,
    `owner ${exception.ownerRole}, assigned to ${assigned}, due ${exception.dueAt ?? '-'}, opened ${exception.openedAt}`,
    `waiting: ${impact.orders} orders${money === '' ? '' : ` (${money})`}, ${impact.waitingDeliveries} deliveries; ${impact.siblings} more of the same cause`,
    ...(exception.resolution === undefined
      ? []
      : [`resolved ${exception.resolvedAt} by ${nameOf(exception.resolvedBy ?? '')}: ${exception.resolution}`, ...led]),
    ...(exception.actions.length === 0 ? [] : ['actions:', formatTable(exception.actions.map(describeAction))]),
    ...(exception.history.length === 0
      ? []
      : ['history:', formatTable(exception.history.map((entry) => describeEntry(entry, nameOf)))]),
  ].join('\n');
}

function describeAction({ action, description, input }: ExceptionDetail['actions'][number]): string[] {
  const { properties = {}, required = [] } = (input ?? {}) as { properties?: object; required?: string[] };
  const names = Object.keys(properties).map((name) => (required.includes(name) ? `${name}=…` : `[${name}=…]`));
  return [`  ${action}`, names.join(' '), description ?? ''];
}

function describeEntry({ at, actor, action, reason }: ExceptionDetail['history'][number], nameOf: NameOf): string[] {
  return [`  ${at.slice(0, 19).replace('T', ' ')}`, nameOf(actor), action.replace(/^exception\./, ''), reason ?? ''];
}
