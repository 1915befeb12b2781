import type { Quantity } from '../model/index.ts';
import {
  at,
  countedLines,
  defineFormMaps,
  each,
  fixed,
  orElse,
  record,
  required,
  setPath,
  within,
  type Draft,
  type Lens,
} from './lens.ts';
import { dtm12, quantity, x12Item, x12Party, x12Price } from './lens-values.ts';
import { all } from './x12-guide.ts';

/** CTP04: a price from one piece on has no minimum. */
const minimum: Lens<Quantity> = {
  ...quantity(at('CTP.quantity'), at('CTP.unit.unit')),
  read(node, context) {
    const found = quantity(at('CTP.quantity'), at('CTP.unit.unit')).read(node, context);
    return found === undefined || Number(found.value) <= 1 ? undefined : found;
  },
};

/** CTP asks for a quantity beside the unit, and for the kind of price beside its basis. */
function completePrice(price: Draft): void {
  const [ctp] = all(price, 'CTP') as Draft[];
  if (ctp === undefined) return;
  ctp.quantity ??= '1';
  if (ctp.priceBasis !== undefined) ctp.priceCode = 'UCP';
}

/** Price and sales catalogue: items with their prices and order minimums. */
export const x12_832Catalogue = defineFormMaps({
  standard: 'x12',
  type: '832',
  schema: 'price-catalogue',
  currency: at('CUR.currency'),
  fields: {
    kind: fixed('BCT.catalogPurpose', 'PC'),
    entity: fixed('CUR.entity', 'SE'),
    purpose: fixed('BCT.purpose', '00'),
    catalogueNo: required(at('BCT.catalogNumber'), 'CATALOGUE_NUMBER_MISSING', 'catalogue number (BCT02)'),
    date: dtm12('152'),
    validFrom: dtm12('007'),
    validTo: dtm12('197'),
    supplier: x12Party('SE'),
    buyer: x12Party('BY'),
    lines: orElse(
      each(
        'lines',
        record({
          item: x12Item('LIN.ids'),
          description: within('descriptions', at('PID.description')),
          price: within('prices', x12Price(at('CTP.unitPrice'), at('CTP.unit.unit'), at('CTP.priceBasis'))),
          minimum: within('prices', minimum),
        }),
      ),
      [],
    ),
  },
  finish(body) {
    for (const line of all(body, 'lines')) {
      for (const about of all(line, 'descriptions') as Draft[]) setPath(about, 'PID.descriptionType', 'F');
    }
    for (const line of all(body, 'lines')) {
      for (const price of all(line, 'prices') as Draft[]) completePrice(price);
    }
    countedLines('lines')(body);
  },
});
