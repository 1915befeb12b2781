/**
 * GS1 check digit over the digits before it: weights 3 and 1 from the right (GS1 General Specifications §7.9).
 * The same rule serves GTIN, GLN and SSCC.
 */
export function gs1CheckDigit(digitsWithoutCheck: string): number {
  let sum = 0;
  for (let i = digitsWithoutCheck.length - 1, weight = 3; i >= 0; i--, weight = 4 - weight) {
    sum += (digitsWithoutCheck.charCodeAt(i) - 48) * weight;
  }
  return (10 - (sum % 10)) % 10;
}

function hasCheckDigit(text: string, lengths: readonly number[]): boolean {
  if (!lengths.includes(text.length) || !/^\d+$/.test(text)) return false;
  return gs1CheckDigit(text.slice(0, -1)) === text.charCodeAt(text.length - 1) - 48;
}

/** GTIN-8, -12, -13 or -14 with a right check digit. */
export function isGtin(text: string): boolean {
  return hasCheckDigit(text, [8, 12, 13, 14]);
}

export function isGln(text: string): boolean {
  return hasCheckDigit(text, [13]);
}

export function isSscc(text: string): boolean {
  return hasCheckDigit(text, [18]);
}

/** The 14-digit form under which the catalog keeps a GTIN; a UPC of 12 digits gains two zeros. */
export function toGtin14(text: string): string {
  return text.padStart(14, '0');
}

/**
 * An SSCC: extension digit, company prefix, serial, check digit; 18 digits in all (GS1 General Specifications §3.3.1).
 * @throws RangeError when the serial no longer fits behind the prefix.
 */
export function makeSscc(extensionDigit: number, companyPrefix: string, serial: number | bigint): string {
  const width = 16 - companyPrefix.length;
  const digits = String(serial);
  if (digits.length > width || !/^\d{1,2}$/.test(String(extensionDigit)) || extensionDigit > 9) {
    throw new RangeError(`serial ${digits} does not fit an SSCC of company prefix ${companyPrefix}`);
  }
  const body = `${extensionDigit}${companyPrefix}${digits.padStart(width, '0')}`;
  return body + gs1CheckDigit(body);
}
