import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Demand } from './inventory-types.ts';
import { planReservations } from './plan-reservations.ts';
import { availableToSell, earliestExpiry, type ItemStock } from './sellable-stock.ts';

const shipDate = '2026-06-01';
const expiries = [null, '2026-05-01', '2026-06-10', '2026-12-31'];

const lot = fc
  .record({
    onHand: fc.integer({ min: 0, max: 50 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    expiry: fc.constantFrom(...expiries),
  })
  .map(({ onHand, part, expiry }) => ({ onHand, hard: Math.floor(onHand * part), expiry }));
const site = fc.record({
  lots: fc.array(lot, { maxLength: 4 }),
  soft: fc.integer({ min: 0, max: 20 }),
  safety: fc.integer({ min: 0, max: 10 }),
});
const demand = fc.record({
  quantity: fc.integer({ min: 1, max: 60 }),
  hard: fc.boolean(),
  partial: fc.boolean(),
  backorder: fc.boolean(),
  withinAts: fc.boolean(),
  minShelfDays: fc.constantFrom(0, 30, 400),
});

function stockOf(
  sites: readonly { lots: { onHand: number; hard: number; expiry: string | null }[]; soft: number; safety: number }[],
): ItemStock {
  return {
    sku: 'X',
    sites: sites.map((each, i) => ({
      location: `S${i}`,
      priority: i,
      soft: String(each.soft),
      safety: String(each.safety),
      setAside: new Map(),
      lots: each.lots.map((one, n) => ({
        lot: `L${n}`,
        owner: '',
        expiry: one.expiry,
        firstReceivedAt: '2026-01-01',
        onHand: String(one.onHand),
        hard: String(one.hard),
      })),
    })),
    buffers: new Map([['portal', '3']]),
    waiting: [],
  };
}

describe('planReservations', () => {
  it('never takes more than there is, leaves safety stock alone, and accounts for every piece asked for', () => {
    fc.assert(
      fc.property(fc.array(site, { maxLength: 3 }), fc.array(demand, { maxLength: 8 }), (sites, wishes) => {
        const before = stockOf(sites);
        const stock = stockOf(sites);
        const demands = wishes.map(
          (wish, i): Demand => ({
            ...wish,
            key: `d${i}`,
            orderId: `o${i}`,
            lineNo: 1,
            sku: 'X',
            channel: 'portal',
            shipDate,
            quantity: String(wish.quantity),
          }),
        );
        const plans = planReservations(demands, new Map([['X', stock]]));
        for (const { demand: asked, parts, reserved, short } of plans) {
          expect(Number(reserved) + Number(short)).toBe(Number(asked.quantity));
          expect(parts.reduce((sum, part) => sum + Number(part.quantity), 0)).toBe(Number(reserved));
          if (!asked.partial) expect([0, Number(asked.quantity)]).toContain(Number(reserved));
          const earliest = earliestExpiry({ shipDate, minShelfDays: asked.minShelfDays ?? 0 });
          expect(parts.every((part) => part.expiry === null || part.expiry >= earliest)).toBe(true);
        }
        for (const [i, { lots, soft, safety }] of stock.sites.entries()) {
          for (const one of lots) expect(Number(one.hard)).toBeLessThanOrEqual(Number(one.onHand));
          const taken = plans.flatMap((plan) => plan.parts).filter((part) => part.location === `S${i}`);
          if (taken.length === 0) continue;
          const unexpired = lots.filter((one) => one.expiry === null || one.expiry >= shipDate);
          const free = unexpired.reduce((sum, one) => sum + Number(one.onHand) - Number(one.hard), 0);
          expect(free - Number(soft) - Number(safety)).toBeGreaterThanOrEqual(0);
        }
        const need = { channel: 'portal', shipDate, minShelfDays: 0 };
        expect(Number(availableToSell(stock, need))).toBeLessThanOrEqual(Number(availableToSell(before, need)));
      }),
      { numRuns: 500 },
    );
  });
});
