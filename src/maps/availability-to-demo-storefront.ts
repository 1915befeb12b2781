import { defineOutboundMap } from './map.ts';
import { decimalAt, listAt, type Native, objectAt, optionalText, present, textAt } from './native-payload.ts';

/**
 * Levels for the shop. The entity is `{asOf?, levels: [{sku, quantity, uom}]}` or one such level; quantities are what
 * may be sold on the connection's channel, in base units.
 */
export const availabilityToDemoStorefront = defineOutboundMap({
  connector: 'demo-storefront',
  operation: 'availability.publish',
  entity: 'availability',
  map(entity) {
    const native = objectAt(entity, 'availability');
    const levels: Native[] = Array.isArray(native.levels) ? listAt(native, 'levels') : [native];
    return present({
      asOf: optionalText(native, 'asOf'),
      levels: levels.map((level) => ({
        sku: textAt(level, 'sku'),
        available: decimalAt(level, level.quantity === undefined ? 'available' : 'quantity'),
        unit: textAt(level, 'uom'),
      })),
    });
  },
});
