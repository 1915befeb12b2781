import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { isCalendarDay, isInstant } from './local-date.ts';

/** What is wrong with a value, in the order found; empty when it fits. */
export type SchemaCheck = (value: unknown) => readonly ErrorObject[];

export interface SchemaCheckOptions {
  /** Every problem at once; otherwise the first one only, so that what does not fit is cheap to refuse. */
  thorough?: boolean;
  /** Numbers and booleans are read from text, in place: for parameters of a URL. */
  coerce?: boolean;
}

const none: readonly ErrorObject[] = [];
const compilers = new Map<string, Ajv>();

/**
 * A check against a JSON Schema. Compiled when the first value comes: most of the hundreds of schemas that a hub knows
 * meet no value in its life, and compiling them all was a third of its start. Nothing of a value is changed but by `coerce`.
 * @throws Error from the first value on, when the schema itself is wrong
 */
export function schemaCheck(schema: AnySchema, options: SchemaCheckOptions = {}): SchemaCheck {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= compilerFor(options).compile(schema);
    return validate(value) ? none : (validate.errors ?? none);
  };
}

function compilerFor({ thorough = false, coerce = false }: SchemaCheckOptions): Ajv {
  const name = `${thorough} ${coerce}`;
  let ajv = compilers.get(name);
  if (ajv === undefined) {
    ajv = withFormats(
      new Ajv({ strict: false, allErrors: thorough, removeAdditional: false, coerceTypes: coerce, useDefaults: false }),
    );
    compilers.set(name, ajv);
  }
  return ajv;
}

function withFormats(ajv: Ajv): Ajv {
  // The package is CommonJS; under native ESM its default export is the function with itself as `default`.
  const add = addFormats as unknown as { default?: (ajv: Ajv) => Ajv } & ((ajv: Ajv) => Ajv);
  // Its own dates let the year 0 pass, a leap second and an offset of hours alone, at which `Date` or PostgreSQL fail.
  return (add.default ?? add)(ajv)
    .addFormat('date', isCalendarDay)
    .addFormat('date-time', isInstant)
    .addFormat('iso-4217', isCurrency);
}

// Made when first asked for: the list comes from the runtime's own data and costs a millisecond.
let currencies: ReadonlySet<string> | undefined;

/** Whether ISO 4217 knows it, or has known it. */
export function isCurrency(code: string): boolean {
  currencies ??= new Set(Intl.supportedValuesOf('currency'));
  return currencies.has(code);
}

/** What the formats ask for, in words that say how to write it. */
export function describeFormat(format: unknown): string | undefined {
  if (format === 'date') return 'must be a day of the calendar, written YYYY-MM-DD';
  if (format === 'date-time') return 'must be an instant as of RFC 3339, such as 2026-06-01T13:00:00Z';
  if (format === 'iso-4217') return 'must be a currency of ISO 4217, such as USD';
  return undefined;
}
