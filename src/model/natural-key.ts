import { hash } from 'node:crypto';

/** JSON with the keys of every object sorted and undefined left out: equal content gives equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    const sorted: Record<string, unknown> = {};
    for (const key of Object.keys(inner).sort()) sorted[key] = (inner as Record<string, unknown>)[key];
    return sorted;
  });
}

export function contentHash(value: unknown): string {
  return hash('sha256', canonicalJson(value));
}

export interface NaturalKeyParts {
  tenantId: string;
  /** Account number: the customer, not the door, so that one PO by EDI and by portal is one order. */
  customer: string;
  customerPo?: string;
  /** `order` for a purchase order. */
  documentType: string;
  release?: string;
  /** Stands in for the PO number where there is none. */
  orderId: string;
  /** 2, 3 … when an operator accepted a repeated PO as a new order. */
  instance?: number;
}

/**
 * The key under which every outside system knows the order: `xd1-` and 128 bits of a hash. Never made from timestamps
 * or control numbers, which change when the same order comes again.
 */
export function naturalKey(parts: NaturalKeyParts): string {
  const identity =
    parts.customerPo === undefined
      ? ['order', parts.tenantId, parts.orderId]
      : ['po', parts.tenantId, parts.customer, parts.customerPo, parts.documentType, parts.release ?? ''];
  if (parts.instance !== undefined && parts.instance > 1) identity.push(String(parts.instance));
  return `xd1-${hash('sha256', JSON.stringify(identity)).slice(0, 32)}`;
}

export interface FingerprintLine {
  sku: string;
  /** Base units. */
  quantity: string;
  /** As the buyer stated it, normalised; absent when the document carries no price. */
  price?: string;
}

/** Fingerprint of what was ordered: partner, PO, type, revision and lines; the line order does not count. */
export function orderFingerprint(order: {
  customer: string;
  customerPo?: string;
  release?: string;
  purpose: string;
  lines: readonly FingerprintLine[];
}): string {
  const lines = order.lines.map((line) => `${line.sku}|${line.quantity}|${line.price ?? ''}`).sort();
  // Texts and lists of texts are canonical as they are; `contentHash` would give the same.
  const content = JSON.stringify([order.customer, order.customerPo ?? '', order.release ?? '', order.purpose, lines]);
  return hash('sha256', content).slice(0, 32);
}
