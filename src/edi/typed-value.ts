/** Element values between the wire and guide JSON: dates and times as ISO text, decimals as plain decimal text. */
import { isDateText, isTimeText } from './calendar.ts';
import { type ElementSchema, TYPE_DT, TYPE_N, TYPE_NUM, TYPE_R, TYPE_TM } from './schema.ts';

/** Plain decimal text, or undefined when the text is no decimal: `.5` → `0.5`, `007.50` → `7.50`, `5.` → `5`. */
function plainDecimal(text: string): string | undefined {
  const match = /^(-?)(\d*)(?:[.,](\d*))?$/.exec(text);
  if (match === null || `${match[2]}${match[3] ?? ''}` === '') return undefined;
  const whole = (match[2] as string).replace(/^0+(?=\d)/, '') || '0';
  const fraction = match[3] ?? '';
  return fraction === '' ? `${match[1]}${whole}` : `${match[1]}${whole}.${fraction}`;
}

/** Put the implied decimal point of an Nn value where it belongs: `41192` with 2 → `411.92`. */
function explicitPoint(text: string, decimals: number): string | undefined {
  const match = /^(-?)(\d+)$/.exec(text);
  if (match === null) return undefined;
  const digits = (match[2] as string).padStart(decimals + 1, '0');
  if (decimals === 0) return `${match[1]}${digits.replace(/^0+(?=\d)/, '')}`;
  return plainDecimal(`${match[1]}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`);
}

function impliedPoint(text: string, decimals: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return text;
  const fraction = match[3] ?? '';
  if (fraction.length > decimals && /[1-9]/.test(fraction.slice(decimals))) return text;
  const digits = `${match[2]}${fraction.slice(0, decimals).padEnd(decimals, '0')}`.replace(/^0+(?=\d)/, '');
  return `${match[1]}${digits}`;
}

function isoDate(text: string): string {
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
}

function isoTime(text: string): string {
  const parts = [text.slice(0, 2), text.slice(2, 4), text.slice(4, 6)].filter((part) => part !== '');
  const fraction = text.slice(6);
  return fraction === '' ? parts.join(':') : `${parts.join(':')}.${fraction}`;
}

/** Wire text → guide value. What does not have the form of its type stays as it was sent. */
export function toTyped(text: string, element: ElementSchema): string {
  switch (element.type) {
    case TYPE_N:
      return explicitPoint(text.trim(), element.decimals) ?? text;
    case TYPE_R:
    case TYPE_NUM:
      return plainDecimal(text.trim()) ?? text;
    case TYPE_DT:
      return text.length === 8 && isDateText(text) ? isoDate(text) : text;
    case TYPE_TM:
      return isTimeText(text) ? isoTime(text) : text;
    default:
      return text;
  }
}

/** Guide value → wire text. */
export function fromTyped(value: string, element: ElementSchema): string {
  switch (element.type) {
    case TYPE_N:
      return impliedPoint(value, element.decimals);
    case TYPE_DT:
      return /^\d{4}-\d\d-\d\d$/.test(value) ? value.replaceAll('-', '') : value;
    case TYPE_TM:
      return /^\d\d:\d\d(:\d\d(\.\d{1,2})?)?$/.test(value) ? value.replace(/[:.]/g, '') : value;
    default:
      return value;
  }
}

/** EDIFACT dates by their format code (2379): 102 `2026-06-01`, 203 `2026-06-01T09:00`, 204 with seconds. */
export function toFormattedDate(text: string, format: string): string {
  if (format === '102' && text.length === 8 && isDateText(text)) return isoDate(text);
  const clock = text.slice(8);
  const long = (format === '203' && clock.length === 4) || (format === '204' && clock.length === 6);
  if (long && isDateText(text.slice(0, 8)) && isTimeText(clock)) return `${isoDate(text)}T${isoTime(clock)}`;
  return text;
}

export function fromFormattedDate(value: string): string {
  return /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/.test(value) ? value.replace(/[-T:]/g, '') : value;
}
