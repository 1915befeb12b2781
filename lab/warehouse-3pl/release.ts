import { formatDecimal, parseDecimal } from '../decimal.ts';
import type { Mishap } from '../dials.ts';
import type { Carton, PickedLine } from '../wms/pack-cartons.ts';
import type { AdvisedLine, MarkedCarton } from './advices.ts';
import type { OrderLine, ShippingOrder } from './shipping-order.ts';

/** What leaves at one time, under one 945. */
export interface Part {
  shipmentNo: string;
  cartons: MarkedCarton[];
  lines: AdvisedLine[];
}

export interface Release {
  releaseNo: string;
  order: ShippingOrder;
  stage: 'RELEASED' | 'PICKED' | 'PACKED' | 'SHIPPED' | 'CANCEL' | 'REFUSED';
  mishap?: Mishap;
  picked: PickedLine[];
  parts: Part[];
  /** How many advices about it have been sent: of the parts that have left, or that it is cancelled or refused. */
  sent: number;
}

/** What the 945 of each part says of the lines: the rest of a line is to come with a later part, or not at all. */
export function adviseParts(picked: readonly PickedLine[], parts: readonly (readonly Carton[])[]): AdvisedLine[][] {
  const advised: AdvisedLine[][] = parts.map(() => []);
  for (const { lineNo, sku, uom, qty, short } of picked) {
    let unpacked = parseDecimal(qty);
    let open = unpacked + parseDecimal(short);
    const advise = (index: number, status: AdvisedLine['status'], shipped: bigint): void => {
      const quantities = { ordered: formatDecimal(open), shipped: formatDecimal(shipped) };
      advised[index]?.push({ lineNo, sku, uom, status, ...quantities });
    };
    if (unpacked === 0n) advise(parts.length - 1, 'CP', 0n);
    for (const [index, cartons] of parts.entries()) {
      const contents = cartons.flatMap((carton) => carton.contents).filter((content) => content.lineNo === lineNo);
      const now = contents.reduce((sum, content) => sum + parseDecimal(content.qty), 0n);
      if (now === 0n) continue;
      unpacked -= now;
      advise(index, now === open ? 'CC' : unpacked === 0n ? 'CP' : 'BP', now);
      open -= now;
    }
  }
  return advised;
}

/** What the 945 of a cancelled release says: nothing ships. */
export const cancelledLines = (lines: readonly OrderLine[]): AdvisedLine[] =>
  lines.map(({ lineNo, sku, uom, qty }) => ({ lineNo, sku, uom, status: 'CU', ordered: qty, shipped: '0' }));
