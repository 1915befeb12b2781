import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { type ErrorDetail, HubError } from '../platform/index.ts';
import { escapePointer } from './strict-json.ts';

const mostErrors = 50;

const quick = withFormats(
  new Ajv({ strict: false, allErrors: false, removeAdditional: false, coerceTypes: false, useDefaults: false }),
);
// Every problem at once is worth its cost only once it is known that there is one; a bad request stays cheap to refuse.
const thorough = withFormats(
  new Ajv({ strict: false, allErrors: true, removeAdditional: false, coerceTypes: false, useDefaults: false }),
);
const coercing = withFormats(
  new Ajv({ strict: false, allErrors: true, removeAdditional: false, coerceTypes: true, useDefaults: false }),
);

function withFormats(ajv: Ajv): Ajv {
  // The package is CommonJS; under native ESM its default export is the function with itself as `default`.
  const add = addFormats as unknown as { default?: (ajv: Ajv) => Ajv } & ((ajv: Ajv) => Ajv);
  return (add.default ?? add)(ajv);
}

export type Validator = (value: unknown) => void;

/** Compiles a body's schema. Values are never changed: no defaults, no coercion, no removed fields. */
export function compileBody(schema: TSchema): Validator {
  const check = quick.compile(schema);
  let explain: ValidateFunction | undefined;
  return (value) => {
    if (check(value)) return;
    explain ??= thorough.compile(schema);
    explain(value);
    throw new HubError('VALIDATION_FAILED', { errors: describe(explain.errors ?? check.errors ?? [], '') });
  };
}

/** Compiles query or path parameters, which arrive as text: numbers and booleans are read from it, in place. */
export function compileParameters(schema: TSchema): Validator {
  const check = coercing.compile(schema);
  return (value) => {
    if (!check(value)) throw new HubError('VALIDATION_FAILED', { errors: describe(check.errors ?? [], '') });
  };
}

/** Checks part of a request against a schema known only at run time, such as a connection's settings. */
export function validateAt(schema: TSchema, value: unknown, pointer: string): void {
  const check = thorough.compile(schema);
  if (!check(value)) throw new HubError('VALIDATION_FAILED', { errors: describe(check.errors ?? [], pointer) });
}

/** One entry per spot: what a client needs to point at the wrong field. */
export function describe(errors: readonly ErrorObject[], base: string): ErrorDetail[] {
  const seen = new Set<string>();
  const details: ErrorDetail[] = [];
  for (const error of errors) {
    // Which branches of a union failed, and why each did, says less than that none fits.
    if (error.keyword === 'if' || (error.keyword === 'anyOf' && errors.length > 1)) continue;
    const detail = describeOne(error, base);
    const key = `${detail.pointer} ${detail.code}`;
    if (seen.has(key)) continue;
    seen.add(key);
    details.push(detail);
    if (details.length === mostErrors) break;
  }
  return details;
}

function describeOne(error: ErrorObject, base: string): ErrorDetail {
  const pointer = base + error.instancePath;
  const parameters = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
      return {
        pointer: `${pointer}/${escapePointer(String(parameters.additionalProperty))}`,
        code: 'UNKNOWN_FIELD',
        message: 'is not known here',
      };
    case 'required':
      return {
        pointer: `${pointer}/${escapePointer(String(parameters.missingProperty))}`,
        code: 'REQUIRED',
        message: 'is missing',
      };
    case 'enum':
      return { pointer, code: 'ENUM', message: `must be one of ${(parameters.allowedValues as unknown[]).join(', ')}` };
    default:
      return { pointer, code: error.keyword.toUpperCase(), message: error.message ?? 'is not valid' };
  }
}
