import { randomHex16, uuidv7 } from '../platform/index.ts';

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
  const traceId = joined ? match[1]! : newTraceId();
  return { traceId, traceparent: `00-${traceId}-${newSpanId()}-${joined ? match[3] : '01'}` };
}

function newTraceId(): string {
  const id = uuidv7();
  return id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);
}

/** Never the zero that means "none", not even by chance. */
function newSpanId(): string {
  const id = randomHex16();
  return id === zeroSpan ? newSpanId() : id;
}
