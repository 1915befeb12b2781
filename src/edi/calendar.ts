/** Dates and times as digits in a buffer. No Date objects: nothing here has a time zone. */

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function digits(buf: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = (buf[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (DAYS[month - 1] as number)) return false;
  if (month !== 2 || day !== 29) return true;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** CCYYMMDD or YYMMDD. */
export function isDate(buf: Uint8Array, from: number, length: number): boolean {
  if (length !== 8 && length !== 6) return false;
  const yearDigits = length - 4;
  const year = digits(buf, from, yearDigits);
  const month = digits(buf, from + yearDigits, 2);
  const day = digits(buf, from + yearDigits + 2, 2);
  return year >= 0 && isDay(length === 6 ? 2000 + year : year, month, day);
}

/** HHMM, HHMMSS, HHMMSSD or HHMMSSDD. */
export function isTime(buf: Uint8Array, from: number, length: number): boolean {
  if (length < 4 || length > 8 || length === 5) return false;
  const hours = digits(buf, from, 2);
  const minutes = digits(buf, from + 2, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  if (length === 4) return true;
  const seconds = digits(buf, from + 4, 2);
  return seconds >= 0 && seconds <= 59 && (length === 6 || digits(buf, from + 6, length - 6) >= 0);
}

const encoder = new TextEncoder();

export function isDateText(text: string): boolean {
  const bytes = encoder.encode(text);
  return isDate(bytes, 0, bytes.length);
}

export function isTimeText(text: string): boolean {
  const bytes = encoder.encode(text);
  return isTime(bytes, 0, bytes.length);
}

/** EDIFACT 2379 formats whose value is made of one or two dates or times; `undefined` for formats not checked here. */
export function isFormatted(value: string, format: string): boolean | undefined {
  switch (format) {
    case '101':
      return value.length === 6 && isDateText(value);
    case '102':
      return value.length === 8 && isDateText(value);
    case '203':
      return value.length === 12 && isDateText(value.slice(0, 8)) && isClock(value.slice(8));
    case '204':
      return value.length === 14 && isDateText(value.slice(0, 8)) && isClock(value.slice(8));
    case '201':
      return value.length === 10 && isDateText(value.slice(0, 6)) && isClock(value.slice(6));
    case '401':
      return value.length === 4 && isClock(value);
    case '402':
      return value.length === 6 && isClock(value);
    case '610':
      return value.length === 6 && isDateText(`${value}01`);
    case '602':
      return /^\d{4}$/.test(value);
    case '616':
      return /^\d{4}(0[1-9]|[1-4]\d|5[0-3])$/.test(value);
    case '718':
      return period(value, 8);
    case '719':
      return /^\d{24}$/.test(value) && isFormatted(value.slice(0, 12), '203') && isFormatted(value.slice(12), '203');
    case '717':
      return period(value, 6);
    default:
      return undefined;
  }
}

function period(value: string, length: number): boolean {
  const bare = value.replace('-', '');
  return bare.length === length * 2 && isDateText(bare.slice(0, length)) && isDateText(bare.slice(length));
}

/** 24:00 is written for the end of a day. */
function isClock(text: string): boolean {
  return isTimeText(text) || /^2400(00)?$/.test(text);
}
