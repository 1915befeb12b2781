import type { Customer, OrderSubmission, PartyAddress, SalesOrder } from '../model/index.ts';
import type { OrderFacts } from './orders-types.ts';

type ShipTo = SalesOrder['shipTo'];

function fromAddress(address: PartyAddress, raw?: ShipTo['raw']): ShipTo {
  return {
    id: address.id,
    name: address.name,
    address: address.address,
    raw,
    gln: address.gln,
    resolved: true,
  };
}

function activeShipTos(customer: Customer): PartyAddress[] {
  return customer.addresses.filter((address) => address.usage === 'shipTo' && address.active !== false);
}

/**
 * Finds where an order goes: by the id of one of the customer's active addresses, by its GLN, or by an approved
 * cross-reference. Exact matches only, never fuzzy; what is not found stays as written and unresolved.
 */
export function resolveShipTo(
  customer: Customer,
  shipTo: OrderSubmission['shipTo'] | ShipTo,
  facts: Pick<OrderFacts, 'shipToReference'>,
): ShipTo {
  const candidates = activeShipTos(customer);
  if (shipTo === undefined) return defaultShipTo(customer, candidates);
  if (typeof shipTo === 'string') {
    const found = candidates.find((address) => address.id === shipTo) ?? byGln(candidates, shipTo);
    return found === undefined ? { raw: { code: shipTo }, resolved: false } : fromAddress(found);
  }
  if ('resolved' in shipTo && shipTo.raw !== undefined)
    return resolveCode(customer, candidates, shipTo.raw, shipTo, facts);
  if ('code' in shipTo) return resolveCode(customer, candidates, shipTo.code, shipTo, facts);
  // A one-off address, for a consumer or a building site, is complete by its schema.
  return { name: shipTo.name, address: shipTo.address, resolved: shipTo.address !== undefined };
}

function defaultShipTo(customer: Customer, candidates: readonly PartyAddress[]): ShipTo {
  const named = candidates.find((address) => address.id === customer.defaultShipTo);
  const only = candidates.length === 1 ? candidates[0] : undefined;
  const found = named ?? only;
  return found === undefined ? { resolved: false } : fromAddress(found);
}

function byGln(candidates: readonly PartyAddress[], code: string): PartyAddress | undefined {
  return candidates.find((address) => address.gln !== undefined && address.gln === code);
}

// N103 qualifiers under which the code can be ours: 91 assigned by the seller, ZZ mutually defined, or none at all.
const ourQualifiers = new Set(['91', 'ZZ']);

function resolveCode(
  customer: Customer,
  candidates: readonly PartyAddress[],
  raw: NonNullable<ShipTo['raw']>,
  written: { name?: string; address?: ShipTo['address'] },
  facts: Pick<OrderFacts, 'shipToReference'>,
): ShipTo {
  const reference = facts.shipToReference?.(customer.accountNo, raw);
  const ours = raw.qualifier === undefined || ourQualifiers.has(raw.qualifier);
  const found =
    candidates.find((address) => address.id === reference) ??
    byGln(candidates, raw.code) ??
    (ours ? candidates.find((address) => address.id === raw.code) : undefined);
  if (found !== undefined) return fromAddress(found, raw);
  return { name: written.name, address: written.address, raw, resolved: false };
}
