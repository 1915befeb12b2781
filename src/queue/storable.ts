/**
 * What comes from outside, made such that PostgreSQL and JSON can store it: jsonb and text know no U+0000 (PostgreSQL
 * manual, 8.14), jsonb no lone surrogate, and a value that nests too deep or never ends cannot be serialised at all. One
 * value that cannot be written would otherwise be met again at every try to write it.
 */

/** Deepest nesting that is kept; as deep as the API takes bodies. */
const depthMax = 64;
/** Longest JSON that is kept as it is; of a longer one its beginning, as text. */
const jsonCharactersMax = 1_000_000;
const beginningCharacters = 4_000;

const escaped = /\\u(?:0000|d[89a-f])/i;
const nul = String.fromCharCode(0);
const replacement = '\uFFFD';

/** A text of at most so many characters that can be stored, whatever was given instead of one. */
export function storableText(value: unknown, charactersMax: number): string {
  const text = textOf(value);
  const cut = text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text;
  return cut.replaceAll(nul, replacement).toWellFormed();
}

/** The very value where JSON can carry it and PostgreSQL store it, which is nearly always; else what can be kept of it. */
export function storableJson(value: unknown): unknown {
  try {
    const whole = jsonOf(value);
    const isKept = whole !== null && !isDeeper(value, depthMax);
    const kept = isKept ? value : pruned(value, depthMax);
    const json = isKept ? whole : JSON.stringify(kept);
    if (json === undefined) return undefined;
    if (json.length > jsonCharactersMax) {
      const beginning = storableText(json, beginningCharacters);
      return `Not kept whole: ${json.length} characters of JSON, which begin: ${beginning}`;
    }
    return escaped.test(json) ? cleaned(JSON.parse(json)) : kept;
  } catch (error) {
    return `Not kept: it cannot be written as JSON (${storableText(error, 200)})`;
  }
}

/**
 * Null: nested so deep that the stack does not suffice.
 * @throws TypeError for what leads back to itself, and for what JSON has no word for
 */
function jsonOf(value: unknown): string | undefined | null {
  try {
    return JSON.stringify(value) as string | undefined;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return value instanceof Error ? String(value) : (JSON.stringify(value) ?? 'nothing');
  } catch {
    return 'something that cannot be put into words';
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const key in value) if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}

function pruned(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return 'Not kept: nested too deep';
  return mapped(value, (part) => pruned(part, levels - 1));
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(nul, replacement).toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  return mapped(value, cleaned);
}

/** Keys come from outside too, and `__proto__` may be one of them: defined, not assigned. */
function mapped(value: object, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [cleaned(key), change(part)]));
}
