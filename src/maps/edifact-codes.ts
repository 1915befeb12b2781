/**
 * Where EDIFACT and X12 write the same fact in different codes. The canonical model speaks X12's, so that an order is
 * the same order whichever standard it came in; codes without an entry are the same in both, or the partner's own.
 */

/** NAD 3035 ↔ N1 entity (element 98). */
const ROLES: Readonly<Record<string, string>> = { DP: 'ST', IV: 'BT' };
/** 3055 agency ↔ N1 qualifier (element 66): GS1, DUNS, mutually defined. */
const AGENCIES: Readonly<Record<string, string>> = { '9': 'UL', '16': '1', ZZZ: 'ZZ' };
/** Payment terms 4279 ↔ ITD01 (element 336): basic, end of month, discount. */
const TERMS: Readonly<Record<string, string>> = { '1': '01', '2': '02', '22': '08' };
/** Charges 7161 ↔ SAC02 (element 1300): freight, handling, packing. */
const CHARGES: Readonly<Record<string, string>> = { FC: 'D240', HD: 'D500', PC: 'F050' };

const reversed = (table: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(table).map(([from, to]) => [to, from]));
const ROLES_OUT = reversed(ROLES);
const AGENCIES_OUT = reversed(AGENCIES);
const CHARGES_OUT = reversed(CHARGES);

export const roleFromEdifact = (code: string): string => ROLES[code] ?? code;
export const roleToEdifact = (role: string): string => ROLES_OUT[role] ?? role;
export const agencyFromEdifact = (code: string): string => AGENCIES[code] ?? code;
export const agencyToEdifact = (qualifier: string): string => AGENCIES_OUT[qualifier] ?? qualifier;
export const termsFromEdifact = (code: string): string => TERMS[code] ?? code;
export const chargeFromEdifact = (code: string): string => CHARGES[code] ?? code;
export const chargeToEdifact = (code: string): string => CHARGES_OUT[code] ?? code;

/** Date qualifiers (2005) of the windows that a buyer states and that we echo. */
export const WINDOW_QUALIFIERS = {
  requestedShip: '10',
  requestedDelivery: '2',
  shipNotBefore: '37',
  shipNotAfter: '38',
  deliverNotBefore: '64',
  deliverNotAfter: '63',
  cancelAfter: '61',
} as const;
