import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { InboundResult } from '../maps/index.ts';
import {
  FulfillmentFact,
  InvoiceReport,
  OrderSubmission,
  PaymentReport,
  ShipmentReport,
  TrackingReport,
} from '../model/index.ts';

const compile = (schema: TSchema) => Compile(schema);

/** What a map makes must fit the canonical model, as a request to the API must; a partner's data or overlay may not. */
const validators = {
  order: compile(OrderSubmission),
  facts: compile(FulfillmentFact),
  shipment: compile(ShipmentReport),
  tracking: compile(TrackingReport),
  invoice: compile(InvoiceReport),
  payment: compile(PaymentReport),
} as const;

/** What is wrong with the first result that does not fit, and where; undefined when all fit. */
export function misfitOf(results: readonly InboundResult[]): { text: string; path: string } | undefined {
  for (const { kind, value } of results) {
    const validator = validators[kind as keyof typeof validators] as (typeof validators)['order'] | undefined;
    if (validator === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      if (validator.Check(each)) continue;
      const [error] = validator.Errors(each);
      const path = error?.instancePath ?? '';
      return { path, text: `What was made of it does not fit (${kind}${path}): ${error?.message ?? 'invalid'}` };
    }
  }
  return undefined;
}
