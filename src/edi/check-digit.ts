/** GS1 modulo-10 check digits: GTIN, GLN, SSCC. */

/** Whether the last of the digits in a buffer is their check digit. */
export function checkDigitIsRight(buf: Uint8Array, from: number, to: number): boolean {
  let sum = 0;
  let weight = 1;
  for (let i = to - 1; i >= from; i--) {
    const digit = (buf[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return false;
    sum += digit * weight;
    weight = weight === 1 ? 3 : 1;
  }
  return to - from >= 2 && sum % 10 === 0;
}

export function hasCheckDigit(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits[i]) * ((digits.length - i) % 2 === 1 ? 1 : 3);
  return sum % 10 === 0;
}
