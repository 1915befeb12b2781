import type { Agreement } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import { groupScope, interchangeSeries, takeControlNumbers } from './control-number.ts';
import { addressText } from './interchange.ts';

/** ISA15 of what goes out under an agreement: production or test. */
export const usageOf = (agreement: Agreement): 'P' | 'T' => (agreement.usage === 'production' ? 'P' : 'T');

/** GS02 and GS03 of what goes out under an agreement. */
export const groupParties = ({ us, them, groupUs, groupThem }: Agreement): { us: string; them: string } => ({
  us: groupUs ?? us.id,
  them: groupThem ?? them.id,
});

/** Takes the next ISA13, or UNB 0020, of an agreement: nine digits. */
export async function takeInterchangeNumber(tx: Tx, agreement: Agreement): Promise<string> {
  const [kind, scope] = interchangeSeries(agreement.standard, {
    sender: addressText(agreement.us),
    receiver: addressText(agreement.them),
    usage: usageOf(agreement),
  });
  const number = await takeControlNumbers(tx, kind, scope, 1, agreement.controlNumbersUpTo);
  return String(number).padStart(9, '0');
}

/** Takes the next GS06 of an agreement's groups of one functional identifier, or the first of `count` in a row. */
export async function takeGroupNumber(tx: Tx, agreement: Agreement, functionalId: string, count = 1): Promise<string> {
  const { us, them } = groupParties(agreement);
  const scope = groupScope(us, them, functionalId);
  return String(await takeControlNumbers(tx, 'group', scope, count, agreement.controlNumbersUpTo));
}
