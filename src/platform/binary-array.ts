import type { SendBuffer } from './send-buffer.ts';

/** Element types that `binaryArray` writes, by their PostgreSQL names; the numbers are their OIDs in pg_type. */
const typeIds = { uuid: 2950, text: 25, json: 114, jsonb: 3802, bytea: 17, bool: 16, int8: 20 } as const;

export type BinaryArrayType = keyof typeof typeIds;

/** Texts for most types, bytes for `bytea`, integers for `int8`, booleans for `bool`; null and undefined become NULL. */
export type BinaryArrayValue = string | Uint8Array | number | boolean | null | undefined;

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
}

/**
 * The columns of a batch: each an array of what `of` finds in the rows.
 *
 *     const column = columnsOf(lines);
 *     tx.query(sql, [column('text', (line) => line.sku), column('int8', (line) => line.quantity)])
 */
export function columnsOf<Row>(
  rows: readonly Row[],
): (type: BinaryArrayType, of: (row: Row) => BinaryArrayValue) => BinaryArray {
  return (type, of) =>
    binaryArray(
      type,
      rows.map((row) => of(row)),
    );
}

function writeValue(out: SendBuffer, type: BinaryArrayType, value: Exclude<BinaryArrayValue, null | undefined>): void {
  const lengthAt = out.int32(0);
  if (type === 'uuid') out.uuid(value as string);
  else if (typeof value === 'object') out.raw(value);
  else if (typeof value === 'boolean') out.byte(value ? 1 : 0);
  else if (typeof value === 'number') out.int64(value);
  else {
    if (type === 'jsonb') out.byte(jsonbVersion);
    out.text(value);
  }
  out.putLength(lengthAt);
}
