/** Exact sums of decimal text, for control totals. */
import type { SegmentView } from './segment-view.ts';

export class DecimalSum {
  private whole = 0n;
  private scale = 0;
  private small = 0;

  clear(): void {
    this.whole = 0n;
    this.scale = 0;
    this.small = 0;
  }

  /** Add the number that a token of a segment holds, whatever its decimal mark. */
  addToken(view: SegmentView, token: number): void {
    if (token < 0) return;
    const from = view.start + view.tokenStart(token);
    if (this.addBytes(view.buf, from, view.start + (view.ends[token] as number))) return;
    const text = view.text(token).trim().replace(',', '.');
    if (text !== '') this.add(text);
  }

  /** Add the digits in a buffer; what is not plain short digits is left to `add`. */
  addBytes(buf: Uint8Array, from: number, to: number): boolean {
    if (to - from > 9 || to <= from) return false;
    let value = 0;
    for (let i = from; i < to; i++) {
      const digit = (buf[i] as number) - 0x30;
      if (digit < 0 || digit > 9) return false;
      value = value * 10 + digit;
    }
    this.small += value;
    return true;
  }

  /** Add decimal text (`-12.50`); text that is no plain decimal is left out and gives false. */
  add(text: string): boolean {
    if (text.length <= 9 && /^\d+$/.test(text)) {
      this.small += Number(text);
      return this.small < Number.MAX_SAFE_INTEGER;
    }
    const match = /^(-?)(\d*)\.?(\d*)$/.exec(text);
    if (match === null || `${match[2]}${match[3]}` === '' || text.length > 40) return false;
    const decimals = (match[3] as string).length;
    let value = BigInt(`${match[2]}${match[3]}`);
    if (match[1] === '-') value = -value;
    if (decimals > this.scale) {
      this.whole *= 10n ** BigInt(decimals - this.scale);
      this.scale = decimals;
    } else {
      value *= 10n ** BigInt(this.scale - decimals);
    }
    this.whole += value;
    return true;
  }

  private total(): bigint {
    return this.whole + BigInt(this.small) * 10n ** BigInt(this.scale);
  }

  /** Plain decimal text without trailing zeros. */
  toString(): string {
    return formatScaled(this.total(), this.scale);
  }

  equals(text: string): boolean {
    const other = new DecimalSum();
    return other.add(text) && other.toString() === this.toString();
  }
}

function formatScaled(value: bigint, scale: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '');
  const sign = negative && /[1-9]/.test(digits) ? '-' : '';
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
