import { writeRandomHex } from '../platform/index.ts';

/** W3C Trace Context: what the caller's trace is, and our own step in it. */
export interface Trace {
  /** 32 hex digits; also the `instance` of problems. */
  readonly traceId: string;
  /** Our step, as it is stored with messages and deliveries and returned to the caller. */
  readonly traceparent: string;
}

const shape = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const zeroTrace = '0'.repeat(32);
const zeroSpan = '0'.repeat(16);

/** As text of the header: a version, a trace of 32 digits, a step of 16, and flags. */
const text = Buffer.from(`00-${zeroTrace}-${zeroSpan}-01`, 'latin1');
const traceAt = 3;
const spanAt = 36;

class TraceOfHeader implements Trace {
  readonly traceparent: string;

  constructor(traceparent: string) {
    this.traceparent = traceparent;
  }

  get traceId(): string {
    return this.traceparent.slice(traceAt, spanAt - 1);
  }
}

/** Joins the caller's trace, or begins one where the header is absent or not valid (Trace Context §3.2.2). */
export function joinTrace(header: unknown): Trace {
  const match = typeof header === 'string' ? shape.exec(header) : null;
  const joined = match !== null && match[1] !== zeroTrace && match[2] !== zeroSpan;
  if (joined) text.write(match[1]!, traceAt, 'latin1');
  // Never the zeros that mean "none", not even by chance.
  else while (!writeRandomHex(text, traceAt, 16));
  while (!writeRandomHex(text, spanAt, 8));
  text.write(joined ? match[3]! : '01', 53, 'latin1');
  return new TraceOfHeader(text.toString('latin1'));
}
