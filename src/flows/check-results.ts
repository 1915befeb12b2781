import type { NewException } from '../exceptions/index.ts';
import type { StoredMessage } from '../exchange/index.ts';
import { type InboundResult, MapError } from '../maps/index.ts';
import {
  type CanonicalSchemaName,
  FulfillmentFact,
  InvoiceReport,
  OrderSubmission,
  PaymentReport,
  ShipmentReport,
  StockChange,
  TrackingReport,
  canonicalSchemas,
} from '../model/index.ts';
import { describeFormat, isHubError, type SchemaCheck, schemaCheck } from '../platform/index.ts';

/** What a map makes must fit the canonical model, as a request to the API must; a partner's data or overlay may not. */
const checks: Readonly<Record<string, SchemaCheck>> = {
  order: schemaCheck(OrderSubmission),
  facts: schemaCheck(FulfillmentFact),
  shipment: schemaCheck(ShipmentReport),
  tracking: schemaCheck(TrackingReport),
  invoice: schemaCheck(InvoiceReport),
  payment: schemaCheck(PaymentReport),
  stock: schemaCheck(StockChange),
};

const documentChecks = Object.fromEntries(
  Object.entries(canonicalSchemas).map(([name, schema]) => [name, schemaCheck(schema)]),
) as Record<CanonicalSchemaName, SchemaCheck>;

/** What is wrong with the first result that does not fit, and where; undefined when all fit. */
export function misfitOf(results: readonly InboundResult[]): { text: string; path: string } | undefined {
  for (const result of results) {
    const { kind, value } = result;
    const check = result.kind === 'document' ? documentChecks[result.schema] : checks[kind];
    if (check === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      const [error] = check(each);
      if (error === undefined) continue;
      const path = error.instancePath;
      return {
        path,
        text: `What was made of it does not fit (${kind}${path}): ${describeFormat(error.params.format) ?? error.message ?? 'invalid'}`,
      };
    }
  }
  return undefined;
}

/**
 * What of an input made a map throw; undefined where it was not the input's doing. Exact arithmetic refuses what is no number by
 * a RangeError, and what is too large by a HubError.
 */
export function faultOfInput(error: unknown): { code: string; message: string; path?: string } | undefined {
  if (error instanceof MapError) {
    const { code, message, path } = error;
    return path === undefined ? { code, message } : { code, message, path };
  }
  if (error instanceof RangeError) return { code: 'OUT_OF_RANGE', message: error.message };
  return isHubError(error) && error.disposition === 'reject' ? { code: error.code, message: error.message } : undefined;
}

/** A message that could not be translated, or means what cannot be: what a person has to look at. */
export function mapFailed(
  message: Pick<StoredMessage, 'id' | 'correlationId' | 'connection' | 'channel' | 'topic'>,
  { code, text, path }: { code: string; text: string; path?: string | undefined },
): NewException {
  return {
    code: 'MAP_FAILED',
    dedupeKey: `map-failed:${message.id}`,
    entityRefs: [{ kind: 'message', id: message.id }],
    correlationId: message.correlationId,
    messageId: message.id,
    cause: `${message.connection ?? message.channel} ${message.topic ?? ''}: ${text}`,
    data: { code, path },
  };
}
