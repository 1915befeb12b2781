import { randomHex } from '../platform/index.ts';

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

/** Joins the caller's trace, or begins one where the header is absent or not valid (Trace Context §3.2.2). */
export function joinTrace(header: unknown): Trace {
  const match = typeof header === 'string' ? shape.exec(header) : null;
  const joined = match !== null && match[1] !== zeroTrace && match[2] !== zeroSpan;
  if (joined) return withSpan(match[1]!, newSpanId(), match[3]!);
  const random = randomHex(24);
  const traceId = random.slice(0, 32);
  const spanId = random.slice(32);
  // Never the zeros that mean "none", not even by chance.
  return traceId === zeroTrace || spanId === zeroSpan ? joinTrace(undefined) : withSpan(traceId, spanId, '01');
}

function withSpan(traceId: string, spanId: string, flags: string): Trace {
  return { traceId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

function newSpanId(): string {
  const id = randomHex(8);
  return id === zeroSpan ? newSpanId() : id;
}
