import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { InboundResult } from '../maps/index.ts';
import {
  type CanonicalSchemaName,
  FulfillmentFact,
  InvoiceReport,
  OrderSubmission,
  PaymentReport,
  ShipmentReport,
  TrackingReport,
  canonicalSchemas,
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

type Validator = ReturnType<typeof compile>;

const validatorOf = (kind: string): Validator | undefined => validators[kind as keyof typeof validators];

const documentValidators = new Map<CanonicalSchemaName, Validator>();

/** Compiled when the first document of its form comes. */
function documentValidator(schema: CanonicalSchemaName): Validator {
  let validator = documentValidators.get(schema);
  if (validator === undefined) {
    validator = compile(canonicalSchemas[schema]);
    documentValidators.set(schema, validator);
  }
  return validator;
}

/** What is wrong with the first result that does not fit, and where; undefined when all fit. */
export function misfitOf(results: readonly InboundResult[]): { text: string; path: string } | undefined {
  for (const result of results) {
    const { kind, value } = result;
    const validator = result.kind === 'document' ? documentValidator(result.schema) : validatorOf(kind);
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
