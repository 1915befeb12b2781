import type { Command } from 'commander';
import type { ActionResult, ExceptionView, HoldResult, OrderComment, OrderView, Page } from '../api/index.ts';
import { runCommand } from './command.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import { findOrder } from './find-order.ts';
import type { HubClient } from './hub-client.ts';
import { formatTable, type Output } from './output.ts';
import { reasonOption } from './options.ts';
import { formatMinor } from '../model/index.ts';

type Run = (client: HubClient, output: Output, orderId: string) => Promise<ExitCode>;

export function registerOrder(program: Command): void {
  const order = program
    .command('order')
    .description('one order, by any identifier: order, PO, SSCC, tracking, invoice …');
  order
    .command('show <id>')
    .description('where it stands: lines, quantities, holds')
    .option('--json', 'machine-readable')
    .action((id: string, options: Common) => onOrder(id, options, show));
  order
    .command('cancel <id>')
    .description('cancel what has not shipped of it, or of lines of it')
    .requiredOption(...reasonOption)
    .option('--line <n...>', 'these lines only')
    .option('--json', 'machine-readable')
    .action((id: string, options: LineOptions) =>
      onOrder(id, options, (client, output, orderId) => cancel(client, output, orderId, options)),
    );
  order
    .command('hold <id>')
    .description('hold it, or lines of it, until somebody releases it; what a warehouse has already goes on')
    .requiredOption(...reasonOption)
    .option('--line <n...>', 'these lines only')
    .option('--dry-run', 'preview only')
    .option('--json', 'machine-readable')
    .action((id: string, options: LineOptions) =>
      onOrder(id, options, (client, output, orderId) => hold(client, output, orderId, options)),
    );
  order
    .command('release <id>')
    .description('let it go on: end a hold by hand, or waive another hold for this order')
    .requiredOption(...reasonOption)
    .option('--code <code>', 'the hold, e.g. PRICE_MISMATCH, where there are several')
    .option('--all', 'every hold that can be waived')
    .option('--dry-run', 'preview only')
    .option('--json', 'machine-readable')
    .action((id: string, options: ReleaseOptions) =>
      onOrder(id, options, (client, output, orderId) => release(client, output, orderId, options)),
    );
  order
    .command('note <id> <text>')
    .description('say something about it, for everybody who looks at it; it cannot be taken back')
    .option('--json', 'machine-readable')
    .action((id: string, text: string, options: Common) =>
      onOrder(id, options, (client, output, orderId) => note(client, output, orderId, text)),
    );
}

interface Common {
  reason?: string;
  json?: boolean;
}

interface LineOptions extends Common {
  line?: string[];
  dryRun?: boolean;
}

interface ReleaseOptions extends Common {
  code?: string;
  all?: boolean;
  dryRun?: boolean;
}

const onOrder = (id: string, options: Common, run: Run): Promise<void> =>
  runCommand(options, async ({ hub, output }) => {
    const client = await hub();
    return run(client, output, (await findOrder(client, id)).orderId);
  });

const show: Run = async (client, output, orderId) => {
  const { body } = await client.request<OrderView>(`/v1/orders/${orderId}`);
  output.result(body, () => describe(body));
  return exitCodes.ok;
};

async function cancel(
  client: HubClient,
  output: Output,
  orderId: string,
  { reason, line }: LineOptions,
): Promise<ExitCode> {
  const lines = line?.map(lineNo);
  const { body } = await client.request<OrderView>(`/v1/orders/${orderId}/cancel`, {
    method: 'POST',
    json: { reason, ...(lines === undefined ? {} : { lines }) },
  });
  output.result(body, () => describe(body));
  if (body.status.milestone !== 'cancelled') output.say('What a warehouse has already goes when it agrees.');
  return exitCodes.ok;
}

async function hold(
  client: HubClient,
  output: Output,
  orderId: string,
  { reason, line, dryRun }: LineOptions,
): Promise<ExitCode> {
  const lines = line?.map(lineNo);
  const path = `/v1/orders/${orderId}`;
  const { etag } = await client.request(path);
  const { body } = await client.request<HoldResult>(`${path}/hold`, {
    method: 'POST',
    headers: { 'if-match': etag ?? '*' },
    json: { reason, ...(lines === undefined ? {} : { lines }), ...(dryRun === true ? { preview: true } : {}) },
  });
  output.result(body, () => body.effects.join('\n'));
  if (dryRun === true) output.say('Preview only: nothing was changed');
  return exitCodes.ok;
}

function lineNo(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new CommandFailure(exitCodes.usage, `--line takes numbers of lines, not ${text}`);
}

const action = 'release_hold';

async function release(
  client: HubClient,
  output: Output,
  orderId: string,
  { reason, code, all, dryRun }: ReleaseOptions,
): Promise<ExitCode> {
  const { body: page } = await client.request<Page<ExceptionView>>(`/v1/exceptions?orderId=${orderId}&limit=200`);
  const holds = page.data.filter(({ allowedActions }) => allowedActions.includes(action));
  const chosen = code === undefined ? holds : holds.filter((hold) => hold.code === code);
  const named = holds.map((hold) => `  ${hold.code}: ${hold.cause}`).join('\n');
  if (holds.length === 0) throw new CommandFailure(exitCodes.refused, nothingToWaive(client.url, page.data));
  if (chosen.length === 0) throw new CommandFailure(exitCodes.refused, `It is not held for ${code}:\n${named}`);
  if (chosen.length > 1 && all !== true)
    throw new CommandFailure(exitCodes.usage, `Name one with --code, or take --all:\n${named}`);
  const results: ActionResult[] = [];
  for (const { id } of chosen) {
    // One release can settle the next by itself: each is read as it is by now.
    const { body: now } = await client.request<ExceptionView>(`/v1/exceptions/${id}`);
    if (now.state === 'resolved') continue;
    const { body } = await client.request<ActionResult>(`/v1/exceptions/${id}/actions`, {
      method: 'POST',
      headers: { 'if-match': `"${now.version}"` },
      json: { action, reason, ...(dryRun === true ? { preview: true } : {}) },
    });
    results.push(body);
  }
  output.result(results, () => results.flatMap(({ effects }) => effects).join('\n'));
  if (dryRun === true) output.say('Preview only: nothing was changed');
  return exitCodes.ok;
}

/** Some exceptions ask for a decision rather than a waiver, such as whose price counts. */
function nothingToWaive(url: string, open: readonly ExceptionView[]): string {
  const others = open.map(({ id, code, title }) => `\n  ${code}: ${title}, see ${url}/exceptions/${id}`);
  return `No hold of this order can be waived with your key${others.length === 0 ? '' : `; open are:${others.join('')}`}`;
}

async function note(client: HubClient, output: Output, orderId: string, text: string): Promise<ExitCode> {
  const { body } = await client.request<OrderComment>(`/v1/orders/${orderId}/comments`, {
    method: 'POST',
    json: { text },
  });
  output.result(body, `noted by ${body.authorName}`);
  return exitCodes.ok;
}

const steps = ['ordered', 'allocated', 'backordered', 'released', 'picked', 'packed', 'shipped', 'invoiced'] as const;

function describe(order: OrderView): string {
  const { orderNo, customer, customerName, customerPo, erpOrderNo, status, currency } = order;
  const numbers = [
    customerPo === undefined ? [] : [`PO ${customerPo}`],
    erpOrderNo === undefined ? [] : [`in the ERP ${erpOrderNo}`],
  ].flat();
  const holds = [
    ...order.holds.map(({ code }) => code),
    ...order.lines.flatMap(({ lineNo: no, holds: own }) => own.map(({ code }) => `${code} (line ${no})`)),
  ];
  const rows = order.lines.map(({ lineNo: no, sku, q, baseUom, milestone }) => [
    String(no),
    sku,
    baseUom,
    ...[...steps, 'cancelled' as const].map((step) => q[step]),
    milestone.replaceAll('_', ' '),
  ]);
  return [
    [`${orderNo}  ${status.milestone.replaceAll('_', ' ')}`, ...numbers].join(', '),
    `${customerName} (${customer}), ${formatMinor(order.totals.amountMinor, currency)} ${currency}`,
    ...(holds.length === 0 ? [] : [`on hold: ${holds.join(', ')}`]),
    formatTable([['line', 'item', 'unit', ...steps, 'cancelled', 'status'], ...rows]),
  ].join('\n');
}
