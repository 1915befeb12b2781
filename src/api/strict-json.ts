import { isUtf8 } from 'node:buffer';
import { HubError, isStorableText } from '../platform/index.ts';

/** What one JSON body may cost. */
export const jsonLimits = { depth: 64, nodes: 100_000 } as const;

/**
 * Parses JSON and refuses what `JSON.parse` lets pass and later code trips over: repeated names (RFC 8259 §4 leaves
 * their meaning open), `__proto__`, `constructor.prototype`, NUL and lone surrogates (PostgreSQL stores neither), and
 * bodies too deep or with too many values.
 *
 * A hand-written parser costs three to five times as much as `JSON.parse`. This is one pass over the bytes that counts
 * (1 ns a byte), the native parser, and one walk over the result: a name that occurs twice in the text occurs once in
 * the result, so that the count of colons tells without keeping names.
 * @throws HubError MALFORMED_JSON with a pointer to the spot where that is known
 */
export function parseStrictJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw malformed('', 'INVALID_UTF8', 'The body is not UTF-8');
  const colons = countColons(bytes);
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed('', 'SYNTAX', (error as Error).message.slice(0, 200), error);
  }
  const escapes = bytes.includes('\\u');
  if (countNames(value, escapes, '') !== colons) {
    const pointer = findRepeatedName(text);
    throw malformed(pointer, 'DUPLICATE_KEY', 'A name occurs twice in one object');
  }
  return value;
}

function malformed(pointer: string, code: string, message: string, cause?: unknown): HubError {
  return new HubError('MALFORMED_JSON', { message, cause, errors: [{ pointer, code, message }] });
}

const quote = 0x22;
const backslash = 0x5c;

/** Colons outside strings. Also holds the text to the limits, before anything is built from it. */
function countColons(bytes: Buffer): number {
  let depth = 0;
  let nodes = 1;
  let colons = 0;
  const length = bytes.length;
  for (let i = 0; i < length; i++) {
    switch (bytes[i]) {
      case quote:
        for (i++; i < length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++;
        break;
      case 0x3a: // :
        colons++;
        break;
      case 0x2c: // ,
        nodes++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        nodes++;
        if (++depth > jsonLimits.depth) {
          throw malformed('', 'TOO_DEEP', `The body is nested more than ${jsonLimits.depth} levels deep`);
        }
        break;
      case 0x7d:
      case 0x5d:
        depth--;
        break;
      default:
    }
  }
  if (nodes > jsonLimits.nodes) {
    throw malformed('', 'TOO_MANY_VALUES', `The body holds more than ${jsonLimits.nodes} values`);
  }
  return colons;
}

function countNames(value: unknown, escapes: boolean, pointer: string): number {
  if (typeof value === 'string') {
    if (escapes && !isStorableText(value))
      throw malformed(pointer, 'INVALID_TEXT', 'NUL and lone surrogates are not text');
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  let names = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === 'object' || escapes) names += countNames(item, escapes, escapes ? `${pointer}/${i}` : '');
    }
    return names;
  }
  const members = value as Record<string, unknown>;
  // The parser's objects inherit nothing that is enumerable.
  for (const name in members) {
    names++;
    if (name === '__proto__')
      throw malformed(`${pointer}/__proto__`, 'FORBIDDEN_KEY', 'The name __proto__ is not accepted');
    const member = members[name];
    if (name === 'constructor' && typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype')) {
      throw malformed(`${pointer}/constructor`, 'FORBIDDEN_KEY', 'The name constructor.prototype is not accepted');
    }
    if (escapes && !isStorableText(name))
      throw malformed(pointer, 'INVALID_TEXT', 'NUL and lone surrogates are not text');
    if (typeof member === 'object' || escapes) {
      names += countNames(member, escapes, escapes ? `${pointer}/${escapePointer(name)}` : '');
    }
  }
  return names;
}

/** RFC 6901 §3. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The pointer of the first name that repeats. Only run on text that `JSON.parse` accepted and that has one. */
function findRepeatedName(text: string): string {
  const stack: { names: Set<string> | undefined; at: string; index: number }[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const top = stack.at(-1);
    const symbol = match[0];
    if (symbol === '{' || symbol === '[') {
      stack.push({ names: symbol === '{' ? new Set() : undefined, at: symbol === '[' ? '0' : '', index: 0 });
    } else if (symbol === '}' || symbol === ']') {
      stack.pop();
    } else if (symbol === ',' && top !== undefined && top.names === undefined) {
      top.at = String(++top.index);
    } else if (
      symbol.startsWith('"') &&
      top?.names !== undefined &&
      /^\s*:/.test(text.slice(token.lastIndex, token.lastIndex + 64))
    ) {
      const name = JSON.parse(symbol) as string;
      top.at = escapePointer(name);
      if (top.names.has(name)) return stack.map((level) => `/${level.at}`).join('');
      top.names.add(name);
    }
  }
  return '';
}
