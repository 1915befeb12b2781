import type { OVERLAY_FUNCTIONS } from './overlay.ts';

type Argument = string | number;

interface OverlayFunction {
  /** What is wrong with the arguments, or undefined. Checked when the overlay is stored. */
  check(args: readonly Argument[]): string | undefined;
  /** Total: any value gives a value or undefined, in time linear in its length. */
  run(value: unknown, args: readonly Argument[]): unknown;
}

const none: OverlayFunction['check'] = (args) => (args.length === 0 ? undefined : 'takes no arguments');
const isCount = (arg: Argument | undefined): arg is number => typeof arg === 'number' && arg >= 0 && arg <= 2_000;

/** A function of text; numbers and booleans are read as text, anything else passes unchanged. */
const ofText =
  (run: (text: string, args: readonly Argument[]) => unknown): OverlayFunction['run'] =>
  (value, args) => {
    if (typeof value === 'string') return run(value, args);
    return typeof value === 'number' || typeof value === 'boolean' ? run(String(value), args) : value;
  };

/** The total functions of the overlay language. */
export const overlayFunctions: Record<(typeof OVERLAY_FUNCTIONS)[number], OverlayFunction> = {
  upper: { check: none, run: ofText((text) => text.toUpperCase()) },
  lower: { check: none, run: ofText((text) => text.toLowerCase()) },
  trim: { check: none, run: ofText((text) => text.trim()) },
  digits: { check: none, run: ofText((text) => text.replaceAll(/\D/g, '')) },
  padStart: {
    check: ([width, fill]) =>
      isCount(width) && width <= 100 && (fill === undefined || String(fill).length === 1)
        ? undefined
        : 'takes a width up to 100 and one character',
    run: ofText((text, [width, fill]) => text.padStart(width as number, String(fill ?? '0'))),
  },
  substring: {
    check: ([from, to]) =>
      isCount(from) && (to === undefined || isCount(to)) ? undefined : 'takes a start and an end',
    run: ofText((text, [from, to]) => text.slice(from as number, to as number | undefined)),
  },
  first: {
    check: ([count]) => (isCount(count) ? undefined : 'takes a number of characters'),
    run: ofText((text, [count]) => text.slice(0, count as number)),
  },
  replace: {
    // Plain text, not a pattern: a pattern could take exponential time.
    check: ([find, put]) =>
      typeof find === 'string' && find !== '' && typeof put === 'string'
        ? undefined
        : 'takes a text and its replacement',
    run: ofText((text, [find, put]) => text.replaceAll(find as string, () => put as string)),
  },
  default: {
    check: ([value, ...rest]) => (value !== undefined && rest.length === 0 ? undefined : 'takes one value'),
    run: (value, [fallback]) => (value === undefined || value === '' ? fallback : value),
  },
  date: {
    check: none,
    run: ofText((text) => {
      const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text.trim());
      if (match === null) return undefined;
      const iso = `${match[1]}-${match[2]}-${match[3]}`;
      const at = new Date(`${iso}T00:00:00Z`);
      return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso) ? iso : undefined;
    }),
  },
  decimal: {
    // Implied decimals, e.g. decimal(2): 1234 → 12.34.
    check: ([places]) => (isCount(places) && places <= 9 ? undefined : 'takes a number of places up to 9'),
    run: ofText((text, [places]) => shiftDecimal(text, places as number)),
  },
  negate: {
    check: none,
    run: ofText((text) => {
      if (!/^-?\d{1,18}(\.\d{1,9})?$/.test(text)) return undefined;
      if (/^-?[0.]+$/.test(text)) return text.replace('-', '');
      return text.startsWith('-') ? text.slice(1) : `-${text}`;
    }),
  },
  count: { check: none, run: (value) => (Array.isArray(value) ? String(value.length) : undefined) },
  join: {
    check: ([separator]) => (typeof separator === 'string' ? undefined : 'takes a separator'),
    run: (value, [separator]) =>
      Array.isArray(value)
        ? value
            .slice(0, 1_000)
            .filter((part) => typeof part === 'string' || typeof part === 'number')
            .join(separator as string)
        : value,
  },
};

function shiftDecimal(text: string, places: number): string | undefined {
  const match = /^(-?)(\d{1,18})$/.exec(text.trim());
  if (match === null) return undefined;
  if (places === 0) return `${match[1]}${match[2]}`;
  const digits = (match[2] as string).padStart(places + 1, '0');
  return `${match[1]}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
