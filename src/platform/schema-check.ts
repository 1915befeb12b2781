import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

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
  return (add.default ?? add)(ajv);
}
