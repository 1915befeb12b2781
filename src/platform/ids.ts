import { randomFillSync } from 'node:crypto';

// Random bytes are drawn in blocks: one system call per 512 ids instead of one each.
const poolSizeBytes = 4096;
const pool = Buffer.allocUnsafe(poolSizeBytes);
let poolOffset = poolSizeBytes;

let lastMs = 0;
let sequence = 0;
let readMs: () => number = Date.now;

/** From now on ids carry the time of this clock, whole milliseconds: what a process compares with them goes by it too. */
export function stampIdsBy(nowMs: () => number): void {
  readMs = nowMs;
}

/** The id that is being written, as text: made from bytes it is one flat string, not a chain of parts to be joined later. */
const text = Buffer.from('00000000-0000-7000-8000-000000000000', 'latin1');
const digits = Buffer.from('0123456789abcdef', 'latin1');

/**
 * A UUID version 7 (RFC 9562 §5.7), lower-case with hyphens. Strictly increasing within a process: the 12 bits of
 * rand_a count within a millisecond (method 1 of §6.2); when they run out, or the clock steps back, the timestamp
 * field runs ahead of the clock instead of repeating. Made in the hub because PostgreSQL 15 to 17 cannot.
 *
 * @param nowMs Unix time in milliseconds; that of the clock of ids when absent.
 */
export function uuidv7(nowMs: number = readMs()): string {
  if (nowMs > lastMs) {
    stampMs(nowMs);
    // Start in the lower half, so that thousands of ids fit into one millisecond.
    sequence = nextByte() << 3;
  } else if (++sequence > 0xfff) {
    stampMs(lastMs + 1);
    sequence = 0;
  }
  if (poolOffset + 8 > poolSizeBytes) refill();
  text[15] = digits[sequence >> 8]!;
  writeByte(text, 16, sequence & 0xff);
  writeByte(text, 19, (pool[poolOffset++]! & 0x3f) | 0x80);
  writeByte(text, 21, pool[poolOffset++]!);
  writeRandomHex(text, 24, 6);
  return text.toString('latin1');
}

function writeByte(into: Buffer, at: number, byte: number): void {
  into[at] = digits[byte >> 4]!;
  into[at + 1] = digits[byte & 0xf]!;
}

/**
 * Writes random bytes as two hex digits each into a text that is being made, from the same blocks as ids. Not for secrets.
 * @returns false when all of them were zero
 */
export function writeRandomHex(into: Buffer, at: number, bytes: number): boolean {
  if (poolOffset + bytes > poolSizeBytes) refill();
  let any = 0;
  for (let n = 0; n < bytes; n++) {
    const byte = pool[poolOffset++]!;
    any |= byte;
    writeByte(into, at + 2 * n, byte);
  }
  return any !== 0;
}

function stampMs(ms: number): void {
  lastMs = ms;
  const high = Math.floor(ms / 0x1_0000);
  const low = ms % 0x1_0000;
  text.write(`${high.toString(16).padStart(8, '0')}-${low.toString(16).padStart(4, '0')}-7`, 'latin1');
}

function refill(): void {
  randomFillSync(pool);
  poolOffset = 0;
}

function nextByte(): number {
  if (poolOffset >= poolSizeBytes) refill();
  return pool[poolOffset++]!;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True when the text has the shape of a UUID of any version. */
export function isUuid(text: string): boolean {
  return text.length === 36 && uuidPattern.test(text);
}

/** The Unix time in milliseconds inside a UUIDv7. */
export function uuidv7TimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
