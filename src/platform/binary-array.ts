/** Element types that `binaryArray` writes, by their PostgreSQL names; the numbers are their OIDs in pg_type. */
const typeIds = { uuid: 2950, text: 25, json: 114, jsonb: 3802, bytea: 17, bool: 16, int8: 20 } as const;

export type BinaryArrayType = keyof typeof typeIds;

/** Texts for most types, bytes for `bytea`, integers for `int8`, booleans for `bool`; null and undefined become NULL. */
export type BinaryArrayValue = string | Uint8Array | number | boolean | null | undefined;

const headerBytes = 20;
const uuidBytes = 16;
const int8Bytes = 8;
/** In front of a jsonb's text (jsonb_recv). */
const jsonbVersion = 1;

/**
 * A one-dimensional array in PostgreSQL's binary format (array_recv), for a parameter cast to the array's type:
 * `unnest($1::uuid[], $2::json[])` turns one parameter per column into rows. Bytes travel as they are, and no text is
 * quoted, parsed and cut out again. Measured in intake against one jsonb array per statement: an archived body costs the
 * server 14 µs instead of 25.
 */
export function binaryArray(type: BinaryArrayType, values: readonly BinaryArrayValue[]): Buffer {
  let size = headerBytes;
  let hasNull = 0;
  for (const value of values) {
    size += 4;
    if (value === null || value === undefined) hasNull = 1;
    else size += sizeOf(type, value);
  }
  const buffer = Buffer.allocUnsafe(size);
  buffer.writeInt32BE(1, 0); // dimensions
  buffer.writeInt32BE(hasNull, 4);
  buffer.writeInt32BE(typeIds[type], 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16); // lower bound
  let at = headerBytes;
  for (const value of values) {
    if (value === null || value === undefined) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const end = writeValue(buffer, at + 4, type, value);
    buffer.writeInt32BE(end - at - 4, at);
    at = end;
  }
  return buffer;
}

type Present = Exclude<BinaryArrayValue, null | undefined>;

function sizeOf(type: BinaryArrayType, value: Present): number {
  if (type === 'uuid') return uuidBytes;
  if (typeof value === 'string') return Buffer.byteLength(value) + (type === 'jsonb' ? 1 : 0);
  if (typeof value === 'object') return value.byteLength;
  return typeof value === 'number' ? int8Bytes : 1;
}

/** Answers where the value ends. */
function writeValue(buffer: Buffer, start: number, type: BinaryArrayType, value: Present): number {
  if (typeof value === 'object') {
    buffer.set(value, start);
    return start + value.byteLength;
  }
  if (typeof value === 'boolean') return buffer.writeUInt8(value ? 1 : 0, start);
  if (typeof value === 'number') return buffer.writeBigInt64BE(BigInt(value), start);
  if (type === 'uuid') return writeUuid(buffer, start, value);
  const at = type === 'jsonb' ? buffer.writeUInt8(jsonbVersion, start) : start;
  return at + buffer.write(value, at);
}

/** The value of each hexadecimal digit by its code, 255 for all else. */
const nibbles = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return digit < 0 ? 255 : digit;
});
const dash = 0x2d;

/** Digit by digit: an id takes no text of its own to be written. */
function writeUuid(buffer: Buffer, start: number, text: string): number {
  let at = start;
  let high = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === dash && high < 0) continue;
    const nibble = nibbles[code] ?? 255;
    if (nibble === 255 || at === start + uuidBytes) throw new TypeError(`not a UUID: ${text.slice(0, 40)}`);
    if (high < 0) high = nibble;
    else {
      buffer[at++] = high * 16 + nibble;
      high = -1;
    }
  }
  if (at !== start + uuidBytes || high >= 0) throw new TypeError(`not a UUID: ${text.slice(0, 40)}`);
  return at;
}
