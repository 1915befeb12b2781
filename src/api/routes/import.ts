import { claimIdempotencyKeys, completeIdempotencyKeys, receive } from '../../exchange/index.ts';
import type { SubmitResult } from '../../flows/index.ts';
import { HubError, isHubError } from '../../platform/index.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { columnOf, type CsvOrder, orderCsvColumns, orderCsvTemplate, readOrderCsv } from '../order-csv.ts';
import { problemOf } from '../problem.ts';
import { ImportReport } from '../schemas/orders.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Orders';

export const importTemplate = defineRoute({
  method: 'GET',
  path: '/v1/orders/import/template.csv',
  access: 'order.submit',
  tag,
  summary: 'The header row of an import, with an example',
  responseType: 'text/csv; charset=utf-8',
  async handle() {
    return {
      body: orderCsvTemplate(),
      headers: { 'content-disposition': 'attachment; filename="crossdock-orders.csv"' },
    };
  },
});

export const importOrders = defineRoute({
  method: 'POST',
  path: '/v1/orders/import',
  access: 'order.submit',
  tag,
  summary: 'Submit orders as CSV',
  description: `One line item a row; rows with the same customer and customer_po are one order, which is accepted whole or not at all. Columns: ${orderCsvColumns
    .map((column) => `${column.name}${column.required ? '*' : ''} (${column.meaning})`)
    .join(', ')}. The report names every row.`,
  rawBody: {
    mediaTypes: ['text/csv', 'application/csv'],
    description: 'CSV in UTF-8 with a header row, separated by commas, or by semicolons with decimal commas',
  },
  response: ImportReport,
  idempotent: true,
  door: 'csv',
  intake: true,
  problems: ['IMPORT_INVALID'],
  async handle(request, services) {
    const orders = readOrderCsv(request.bytes);
    const readable = orders.filter((order) => order.submission !== undefined);
    if (readable.length === 0) throw nothingReadable(orders);
    const archived = await archive(request, services);
    if (archived.report !== undefined) return { body: archived.report };
    const { messageId } = archived;
    const results = await Promise.all(
      orders.map((order, index) => attempt(services, request, order, messageId, index)),
    );
    const report = reportOf(orders, results, messageId);
    if (!results.some((result) => result?.outcome === 'failed')) await remember(request, services, report);
    return { body: report };
  },
});

function nothingReadable(orders: readonly CsvOrder[]): HubError {
  return new HubError('IMPORT_INVALID', {
    message: 'No order of the file can be read; nothing was recorded',
    errors: orders.flatMap((order) =>
      order.errors.map((error) => ({
        pointer: `/rows/${error.row}${error.column === '' ? '' : `/${error.column}`}`,
        code: error.code,
        message: error.message,
      })),
    ),
  });
}

const scopeOf = ({ principal }: RouteRequest): string => `import:${principal.actor}`;

/**
 * Stores the file once per key. The orders carry keys of their own, derived from the file's: an import that was cut off
 * half-way and is sent again goes on where it stopped; one that was reported whole answers that report.
 */
async function archive(
  request: RouteRequest,
  services: ApiServices,
): Promise<{ messageId: string; report?: ImportReport }> {
  const { principal, idempotencyKey: key, bytes, trace } = request;
  return services.db.tx(principal.tenantId, async (tx) => {
    // Answered with nothing for as long as there is no report, so that whoever is cut off may go on.
    const claim = { scope: scopeOf(request), key, request: bytes, status: 200, response: {} };
    const [claimed] = await claimIdempotencyKeys(tx, [claim]);
    if (claimed?.outcome === 'reused') throw new HubError('IDEMPOTENCY_KEY_REUSED');
    if (claimed?.outcome === 'replay') {
      const { report } = claimed.response as { report?: ImportReport };
      if (report !== undefined) return { messageId: report.messageId ?? '', report };
    }
    const [message] = await receive(tx, [
      {
        channel: 'csv',
        contentType: 'text/csv',
        bytes,
        correlationId: trace.traceId,
        traceparent: trace.traceparent,
        actor: principal.actor,
        dedupeKey: `import:${principal.actor}:${key}`,
        state: 'processed',
      },
    ]);
    return { messageId: message!.id };
  });
}

/** Only once every order has an answer that stays: what failed for a while is tried again under the same key. */
async function remember(request: RouteRequest, services: ApiServices, report: ImportReport): Promise<void> {
  const answer = { scope: scopeOf(request), key: request.idempotencyKey, status: 200, response: { report } };
  await services.db.tx(request.principal.tenantId, (tx) => completeIdempotencyKeys(tx, [answer]));
}

/** What became of one order; `failed` for a reason that lies with the hub and may pass. */
type Result = SubmitResult | { outcome: 'failed'; code: string; message: string } | undefined;

/** One order that cannot be taken in must not take the report on the others with it. */
async function attempt(
  services: ApiServices,
  request: RouteRequest,
  order: CsvOrder,
  messageId: string,
  index: number,
): Promise<Result> {
  try {
    return await submit(services, request, order, messageId, index);
  } catch (error) {
    const { traceId } = request.trace;
    const { problem, internal } = problemOf(error, traceId);
    const { code } = problem;
    if (isHubError(error) && error.disposition !== 'retry') {
      return { outcome: 'refused', code: error.code, message: error.message, errors: [...(error.errors ?? [])] };
    }
    if (internal) services.log.error({ err: error, traceId, rows: order.rows }, 'an order of an import failed');
    const message = `The hub could not take it in (${problem.title.toLowerCase()}). Import the file again: what was taken stays, and this order is tried again. If it stays so, look for ${traceId} in the log`;
    return { outcome: 'failed', code, message };
  }
}

async function submit(
  services: ApiServices,
  request: RouteRequest,
  order: CsvOrder,
  messageId: string,
  index: number,
): Promise<SubmitResult | undefined> {
  const { submission } = order;
  if (submission === undefined) return undefined;
  const { principal, trace } = request;
  return services.intake.submit(principal.tenantId, {
    submission,
    // Every order has a trace of its own to be found by; the file is where they meet.
    correlationId: `${trace.traceId}-${index + 1}`,
    traceparent: trace.traceparent,
    actor: principal.actor,
    sourceMessageId: messageId,
    idempotency: {
      scope: `import:${principal.actor}`,
      key: `${request.idempotencyKey}#${index}`,
      request: JSON.stringify(submission),
    },
  });
}

function reportOf(orders: readonly CsvOrder[], results: readonly Result[], messageId: string): ImportReport {
  const outcomes = orders.map((order, index) => outcomeOf(order, results[index]));
  const count = (outcome: string): number => outcomes.filter((entry) => entry.order.outcome === outcome).length;
  return {
    messageId,
    created: count('created'),
    duplicates: count('duplicate'),
    refused: count('refused'),
    orders: outcomes.map((entry) => entry.order),
    rows: outcomes.flatMap((entry) => entry.rows).sort((a, b) => a.row - b.row),
  };
}

type Outcome = { order: ImportReport['orders'][number]; rows: ImportReport['rows'] };

function outcomeOf(order: CsvOrder, result: Result): Outcome {
  const { rows, customer, customerPo } = order;
  if (result?.outcome === 'created') {
    const { id, orderNo } = result.order;
    return {
      order: { rows, customer, customerPo, outcome: 'created', orderId: id, orderNo },
      rows: rows.map((row) => ({ row, outcome: 'accepted', orderId: id, errors: [] })),
    };
  }
  if (result?.outcome === 'duplicate') {
    const error = { column: 'customer_po', code: result.code, message: result.message };
    return {
      order: {
        rows,
        customer,
        customerPo,
        outcome: 'duplicate',
        orderId: result.existingId,
        orderNo: result.existingOrderNo,
        code: result.code,
        message: result.message,
      },
      rows: rows.map((row) => ({ row, outcome: 'refused', orderId: result.existingId, errors: [error] })),
    };
  }
  const errorsOf = (row: number, index: number): ImportReport['rows'][number]['errors'] =>
    result === undefined ? rowErrors(order, row) : lineErrors(result, index);
  const code = result?.code ?? 'IMPORT_INVALID';
  const message = result?.message ?? 'A row of this order is wrong, so that none of it was taken';
  return {
    order: { rows, customer, customerPo, outcome: 'refused', code, message },
    rows: rows.map((row, index) => ({ row, outcome: 'refused', errors: errorsOf(row, index) })),
  };
}

function rowErrors(order: CsvOrder, row: number): ImportReport['rows'][number]['errors'] {
  return order.errors
    .filter((error) => error.row === row)
    .map(({ column, code, message }) => ({ column, code, message }));
}

/** What the hub said about line `index`, and what it said about the order as a whole, by the names of the columns. */
function lineErrors(result: NonNullable<Result>, index: number): ImportReport['rows'][number]['errors'] {
  if (result.outcome !== 'refused' || result.errors.length === 0) {
    const { code, message } = result as { code: string; message: string };
    return [{ column: '', code, message }];
  }
  return result.errors
    .filter((error) => !error.pointer.startsWith('/lines/') || `${error.pointer}/`.startsWith(`/lines/${index}/`))
    .map(({ pointer, code, message }) => ({ column: columnOf(pointer), code, message: message ?? result.message }));
}

export const importRoutes = [importTemplate, importOrders];
