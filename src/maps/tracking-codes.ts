import type { TrackingReport } from '../model/index.ts';

type Status = TrackingReport['status'];

/** AT701 and AT703 (elements 1650, 1652). Packed, not yet moving: `label`. */
const X12: Readonly<Record<string, Status | 'estimate'>> = {
  XB: 'label',
  X3: 'label',
  X8: 'label',
  X2: 'estimate',
  AG: 'estimate',
  AF: 'in_transit',
  CP: 'in_transit',
  X4: 'in_transit',
  P1: 'in_transit',
  X6: 'in_transit',
  SD: 'in_transit',
  AM: 'in_transit',
  X1: 'in_transit',
  AJ: 'out_for_delivery',
  AV: 'in_transit',
  D1: 'delivered',
  CB: 'delivered',
  A7: 'exception',
  AP: 'exception',
  A9: 'exception',
  AH: 'exception',
  A3: 'returned',
  CA: 'voided',
};

/** STS 9011 (D.96A), 4405 (D.01B). */
const EDIFACT: Readonly<Record<string, Status>> = {
  '1': 'in_transit',
  '13': 'in_transit',
  '24': 'in_transit',
  '31': 'in_transit',
  '20': 'in_transit',
  '21': 'delivered',
  '22': 'delivered',
  '18': 'exception',
  '23': 'exception',
  '49': 'exception',
  '54': 'exception',
  '56': 'exception',
};

export const statusOfX12 = (code: string): Status | 'estimate' | undefined => X12[code];
export const statusOfEdifact = (code: string): Status | undefined => EDIFACT[code];

/** Carriers number no reports: what happened later counts more. Minutes since 2000, which no event predates. */
export function sequenceOf(occurredAt: string): number {
  return Math.max(0, Math.floor((Date.parse(occurredAt) - Date.UTC(2000, 0, 1)) / 60_000));
}
