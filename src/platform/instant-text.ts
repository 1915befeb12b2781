// Hundreds of requests come in one millisecond, and each asks for the text of the same instants.
const slots = 64;
const knownMs = new Float64Array(slots).fill(Number.NaN);
const knownText: string[] = Array.from({ length: slots }, () => '');

/**
 * `date.toISOString()`, remembered for the last instants asked for: making one costs about a
 * microsecond, of the thirty that a request answered from memory takes.
 * @throws RangeError for an invalid date
 */
export function instantText(date: Date): string {
  const ms = date.getTime();
  const slot = ms & (slots - 1);
  if (knownMs[slot] === ms) return knownText[slot]!;
  const text = date.toISOString();
  knownMs[slot] = ms;
  knownText[slot] = text;
  return text;
}
