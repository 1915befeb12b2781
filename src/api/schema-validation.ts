import type { ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';
import { describeFormat, type ErrorDetail, HubError, isStorableText, schemaCheck } from '../platform/index.ts';
import { escapePointer } from './strict-json.ts';

const mostErrors = 50;

export type Validator = (value: unknown) => void;

/** A body by its schema. Values are never changed: no defaults, no coercion, no removed fields. */
export function bodyValidator(schema: TSchema): Validator {
  const problemsOf = problemsBy(schema);
  return (value) => {
    const errors = problemsOf(value);
    if (errors.length > 0) throw new HubError('VALIDATION_FAILED', { errors });
  };
}

/** What is wrong with a value, spot by spot, where it is to be told and not thrown. Empty when it fits. */
export function problemsBy(schema: TSchema): (value: unknown) => ErrorDetail[] {
  const quick = schemaCheck(schema);
  // Every problem at once is worth its cost only once it is known that there is one.
  const thorough = schemaCheck(schema, { thorough: true });
  return (value) => {
    if (quick(value).length === 0) return [];
    const described = describe(thorough(value), '');
    return described.length > 0 ? described : [{ pointer: '', code: 'INVALID', message: 'is not valid' }];
  };
}

/** Query or path parameters, which arrive as text: numbers and booleans are read from it, in place. */
export function parameterValidator(schema: TSchema): Validator {
  const check = schemaCheck(schema, { thorough: true, coerce: true });
  return (value) => {
    refuseIllFormed(value as Record<string, unknown>);
    const errors = check(value);
    if (errors.length > 0) throw new HubError('VALIDATION_FAILED', { errors: describe(errors, '') });
  };
}

/** What PostgreSQL stores nowhere it finds nowhere either; strict JSON refuses the same in bodies. */
function refuseIllFormed(parameters: Record<string, unknown>): void {
  for (const name in parameters) {
    const value = parameters[name];
    for (const text of Array.isArray(value) ? value : [value]) {
      if (typeof text !== 'string' || isStorableText(text)) continue;
      const message = 'must be well-formed text without NUL';
      throw new HubError('VALIDATION_FAILED', {
        errors: [{ pointer: `/${escapePointer(name)}`, code: 'ILL_FORMED_TEXT', message }],
      });
    }
  }
}

/** Checks part of a request against a schema known only at run time, such as a connection's settings. */
export function validateAt(schema: TSchema, value: unknown, pointer: string): void {
  const errors = schemaCheck(schema, { thorough: true })(value);
  if (errors.length > 0) throw new HubError('VALIDATION_FAILED', { errors: describe(errors, pointer) });
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
    case 'format':
      return { pointer, code: 'FORMAT', message: describeFormat(parameters.format) ?? error.message ?? 'is not valid' };
    default:
      return { pointer, code: error.keyword.toUpperCase(), message: error.message ?? 'is not valid' };
  }
}
