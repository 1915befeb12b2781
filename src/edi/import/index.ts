/** Brings in definitions that a user has licensed or got from a partner: our JSON form, or a StAEDI schema in XML. */
import type { Definition, Standard } from '../schema.ts';
import { lookup } from '../registry.ts';
import { compileDefinition, DefinitionError } from './definition-document.ts';
import type { DefinitionJson } from './definition-json.ts';
import { fromStaediSchema, type StaediOptions } from './staedi-schema.ts';

export { compileDefinition, DefinitionError } from './definition-document.ts';
export type { DefinitionJson } from './definition-json.ts';
export type { Problem } from './fields.ts';
export { fromStaediSchema, type StaediOptions } from './staedi-schema.ts';

const CHARACTERS_MAX = 32 << 20;

/**
 * A definition from text, JSON or XML; both forms come out as JSON (to keep) and compiled (to use). Throws `DefinitionError`,
 * which lists every problem. `about` is for XML, which does not name its standard, version and type.
 */
export function importDefinition(
  text: string,
  about?: StaediOptions,
): { json: DefinitionJson; definition: Definition } {
  if (text.length > CHARACTERS_MAX) throw new DefinitionError([{ path: '', message: 'the text is too long' }]);
  if (/^\ufeff?\s*</.test(text)) {
    if (about === undefined) {
      const message = 'a schema in XML does not say of which standard, version and type it is; name them';
      throw new DefinitionError([{ path: '', message }]);
    }
    const json = fromStaediSchema(text, about);
    return { json, definition: compileDefinition(json) };
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DefinitionError([{ path: '', message: `is no JSON: ${message}` }]);
  }
  return { definition: compileDefinition(json), json: json as DefinitionJson };
}

/**
 * A `lookup` that knows these definitions and falls back to the built-in ones. X12 versions match by their first six digits
 * unless the definition names an industry code too; a definition with an association goes before one without.
 */
export function lookupWith(definitions: readonly Definition[]): typeof lookup {
  return (standard: Standard, version: string, type: string, association) => {
    const fitting = definitions.filter(
      (one) =>
        one.standard === standard &&
        one.type === type &&
        (one.version === version ||
          (standard === 'x12' && one.version.length === 6 && version.startsWith(one.version))) &&
        (one.association === undefined || one.association === association),
    );
    const exact =
      fitting.find((one) => one.association !== undefined) ?? fitting.find((one) => one.version === version);
    return exact ?? fitting[0] ?? lookup(standard, version, type, association);
  };
}
