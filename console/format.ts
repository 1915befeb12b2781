/** How the console writes things down: numbers with units, money with its currency, times people can read. */

const whole = new Intl.NumberFormat('en-US');

export function formatCount(value: number): string {
  return whole.format(value);
}

/** Minor units to major ones: hundredths of a dollar, whole yen, thousandths of a dinar. */
function major(minor: number, format: Intl.NumberFormat): number {
  return minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
}

/** Minor units (cents) to "$1,234.50". */
export function formatMoney(minor: number | undefined, currency = 'USD'): string {
  if (minor === undefined) return '–';
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return format.format(major(minor, format));
}

/** Sums on cards: "$18.3K", "$1.2M"; whole cents only below a thousand. */
export function formatMoneyShort(minor: number, currency = 'USD'): string {
  const value = major(minor, new Intl.NumberFormat('en-US', { style: 'currency', currency }));
  if (Math.abs(value) < 1_000) return formatMoney(minor, currency);
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    notation: 'compact',
    maximumFractionDigits: 1,
  }).format(value);
}

/** "1,480 B", "12.4 KiB". */
export function formatBytes(bytes: number): string {
  if (bytes < 10_240) return `${formatCount(bytes)} B`;
  if (bytes < 1_048_576) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** Decimal strings as the hub writes them: thousands separated, trailing zeros dropped, never rounded. */
export function formatDecimal(value: string | undefined): string {
  if (value === undefined) return '–';
  const [int = '0', fraction] = value.replace('-', '').split('.');
  const trimmed = fraction?.replace(/0+$/, '');
  const sign = value.startsWith('-') ? '−' : '';
  return `${sign}${whole.format(BigInt(int))}${trimmed ? `.${trimmed}` : ''}`;
}

export function formatTime(iso: string | undefined): string {
  if (!iso) return '–';
  return new Date(iso).toLocaleTimeString('en-US', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}

/** The year is written where it is not this one. */
export function formatInstant(iso: string | undefined): string {
  if (!iso) return '–';
  const at = new Date(iso);
  return at.toLocaleString('en-US', {
    ...(at.getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' }),
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}

/** "1 s", "42 s", "12 min", "3 h", "5 d": the coarsest unit that is still honest. */
export function formatAge(iso: string | undefined, now = Date.now()): string {
  if (!iso) return '–';
  return formatDurationMs(Math.max(1_000, now - Date.parse(iso)));
}

export function formatDurationMs(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

const acronyms = /\b(edi|erp|wms|po|sku|api|csv|gtin|sscc|asn|uom|ar|fx|url|id)\b/g;

/** Codes to words: "partially_shipped" → "Partially shipped", "waitingPartner" → "Waiting partner". */
export function words(code: string): string {
  const text = code
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
    .replace(acronyms, (name) => name.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
}
