import { SendBuffer } from './send-buffer.ts';

/** Element types that `binaryArray` writes, by their PostgreSQL names; the numbers are their OIDs in pg_type. */
const typeIds = { uuid: 2950, text: 25, json: 114, jsonb: 3802, bytea: 17, bool: 16, int8: 20 } as const;

export type BinaryArrayType = keyof typeof typeIds;

/** Texts for most types, bytes for `bytea`, integers for `int8`, booleans for `bool`; null and undefined become NULL. */
export type BinaryArrayValue = string | Uint8Array | number | boolean | null | undefined;

const uuidBytes = 16;
/** In front of a jsonb's text (jsonb_recv). */
const jsonbVersion = 1;

/**
 * A one-dimensional array in PostgreSQL's binary format (array_recv), for a parameter cast to the array's type:
 * `unnest($1::uuid[], $2::json[])` turns one parameter per column into rows. Bytes travel as they are, and no text is
 * quoted, parsed and cut out again. Measured in intake against one jsonb array per statement: an archived body costs the
 * server 14 µs instead of 25.
 */
export function binaryArray(type: BinaryArrayType, values: readonly BinaryArrayValue[]): BinaryArray {
  return new BinaryArray(type, values);
}

/** Is written where it is sent from, and so holds no bytes of its own. */
export class BinaryArray {
  readonly #type: BinaryArrayType;
  readonly #values: readonly BinaryArrayValue[];

  constructor(type: BinaryArrayType, values: readonly BinaryArrayValue[]) {
    this.#type = type;
    this.#values = values;
  }

  /** @throws TypeError for a text that is no UUID in an array of them */
  writeTo(out: SendBuffer): void {
    out.int32(1); // dimensions
    const nullsAt = out.int32(0);
    out.int32(typeIds[this.#type]);
    out.int32(this.#values.length);
    out.int32(1); // lower bound
    let hasNull = false;
    for (const value of this.#values) {
      if (value === null || value === undefined) {
        hasNull = true;
        out.int32(-1);
      } else {
        writeValue(out, this.#type, value);
      }
    }
    if (hasNull) out.putInt32(nullsAt, 1);
  }

  /** For whoever sends it by the driver's own means. */
  toPostgres(): Buffer {
    const out = new SendBuffer();
    this.writeTo(out);
    return out.taken();
  }
}

function writeValue(out: SendBuffer, type: BinaryArrayType, value: Exclude<BinaryArrayValue, null | undefined>): void {
  if (type === 'uuid') {
    out.int32(uuidBytes);
    out.uuid(value as string);
    return;
  }
  const lengthAt = out.int32(0);
  if (typeof value === 'object') out.raw(value);
  else if (typeof value === 'boolean') out.byte(value ? 1 : 0);
  else if (typeof value === 'number') out.int64(value);
  else {
    if (type === 'jsonb') out.byte(jsonbVersion);
    out.text(value);
  }
  out.putLength(lengthAt);
}
