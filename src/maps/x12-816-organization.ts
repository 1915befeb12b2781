import { at, defineFormMaps, each, fixed, record, required, type Lens } from './lens.ts';

/** The set must name a party in its heading. */
const senderParty: Lens<never> = {
  read: () => undefined,
  write: () => undefined,
  prepare(node, { terms }) {
    node.parties = [{ N1: { entity: 'FR', name: terms.seller.name ?? 'SENDER' } }];
  },
};

/** The places of a partner, level by level. */
export const x12_816Organization = defineFormMaps({
  standard: 'x12',
  type: '816',
  schema: 'organization-directory',
  fields: {
    structure: fixed('BHT.structure', '0062'),
    purpose: fixed('BHT.purpose', '00'),
    date: at('BHT.date'),
    sender: senderParty,
    groups: each(
      'hierarchy',
      record({
        level: required(at('level'), 'LEVEL_MISSING', 'level (HL03)'),
        members: each(
          'members',
          record({
            role: at('N1.entity'),
            name: at('N1.name'),
            qualifier: at('N1.idQualifier'),
            code: at('N1.id'),
          }),
        ),
      }),
    ),
  },
});
