import {
  at,
  coded,
  defineFormMaps,
  each,
  fixed,
  getPath,
  orElse,
  record,
  required,
  setPath,
  type Draft,
  type Lens,
} from './lens.ts';
import { bgmNumber, dtm, dtmTime, edifactItem, edifactLot, edifactParty, quantity } from './lens-values.ts';
import { all, type GuideLoop, text } from './x12-guide.ts';

/** 6063. 17 is all that is there, 145 what of it is undamaged and may be sold. Movements (156) are no stock. */
const KINDS = {
  '17': 'onHand',
  '145': 'available',
  '66': 'committed',
  '21': 'onOrder',
  '198': 'inTransit',
  '124': 'damaged',
  '27': 'onHold',
  '83': 'backordered',
} as const;

/** 7491: the stock that is damaged, that is reserved, and every other. */
const STOCKS: Readonly<Record<string, string>> = { '124': '2', '66': '4' };
const ACCEPTED_STOCK = '1';

/** Quantities may stand under INV, and in D.01B stand nowhere else: told as the line's own. */
function withMovements(line: GuideLoop): GuideLoop {
  const moved = all(line, 'movements').filter((movement) => movement['QTY'] !== undefined);
  return moved.length === 0 ? line : { ...line, quantities: [...all(line, 'quantities'), ...moved] };
}

/** Lots stand with the quantities of an item: told as a line for each of them. */
function byLot(line: GuideLoop): GuideLoop[] {
  const passes = all(line, 'quantities');
  const groups = Map.groupBy(passes, lotOfPass);
  if (groups.size <= 1 && !groups.keys().some((lot) => lot !== undefined)) return [line];
  return [...groups].map(([lot, quantities]) => ({
    ...line,
    ...(lot !== undefined && { lot }),
    quantities,
    DTM: [...all(line, 'DTM'), ...quantities.flatMap((pass) => all(pass, 'DTM'))],
  }));
}

/** GIN BX or RFF BT of a quantity. */
function lotOfPass(pass: GuideLoop): string | undefined {
  const numbers = all(pass, 'GIN').find((gin) => text(gin, 'qualifier') === 'BX');
  const reference = all(pass, 'references').find((each) => getPath(each, 'RFF.reference.qualifier') === 'BT');
  return text(all(numbers, 'range')[0], 'number') ?? getPath(reference, 'RFF.reference.number');
}

/** Of the quantity, as `byLot` has found it, or of the line. */
const lotLens: Lens<string> = {
  read: (line, context) => text(line, 'lot') ?? edifactLot.read(line, context),
  write: (lot, line, context) => edifactLot.write(lot, line, context),
};

function moveUnderInv(line: Draft): void {
  const quantities = all(line, 'quantities') as Draft[];
  delete line.quantities;
  line.movements = quantities.map((pass) => {
    const kind = text(all(all(pass, 'QTY')[0], 'quantity')[0], 'qualifier') ?? '';
    return { ...pass, INV: { inventoryType: STOCKS[kind] ?? ACCEPTED_STOCK } };
  });
}

/** Inventory report: the one that an 846 with the same content gives. */
export const edifactInvrptInventory = defineFormMaps({
  standard: 'edifact',
  type: 'INVRPT',
  schema: 'inventory-report',
  fields: {
    kind: fixed('BGM.document.documentCode', '35'),
    function: fixed('BGM.function', '9'),
    reportNo: required(bgmNumber, 'REPORT_NUMBER_MISSING', 'report number (BGM 1004)'),
    date: required(dtm('137'), 'DATE_MISSING', 'date (DTM 137)'),
    time: dtmTime('137'),
    warehouse: edifactParty('WH'),
    lines: orElse(
      each(
        'lines',
        record({
          item: edifactItem(),
          lot: lotLens,
          expiry: dtm('36'),
          quantities: each(
            'quantities',
            record({
              kind: coded(at('QTY.quantity.qualifier'), KINDS, 'QTY 6063'),
              quantity: quantity(at('QTY.quantity.quantity'), at('QTY.quantity.unit')),
            }),
          ),
        }),
      ),
      [],
    ),
  },
  settle: (body) => ({ ...body, lines: all(body, 'lines').map(withMovements).flatMap(byLot) }),
  finish(body, version) {
    for (const [index, line] of (all(body, 'lines') as Draft[]).entries()) {
      setPath(line, 'LIN.lineNumber', String(index + 1));
      if (version === 'D.01B') moveUnderInv(line);
    }
  },
});
