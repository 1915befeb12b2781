/** Roles of people and keys. `admin` may do everything. */
export const ROLES = ['operations', 'customer_service', 'edi', 'integration', 'finance', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What an identity can be allowed to do. Every route, and every action on the command line, names exactly one of them.
 * Reading is granted widely within a tenant; changing follows who answers for the result.
 */
export const ACTIONS = [
  'overview.read',
  'order.read',
  'order.submit',
  'order.cancel',
  'order.hold',
  'order.comment',
  'shipment.void',
  'stock.read',
  'stock.reserve',
  'stock.write',
  'exception.read',
  'exception.act',
  'message.read',
  'message.submit',
  'delivery.read',
  'delivery.replay',
  'replay.approve',
  'message.resubmit',
  'delivery.discard',
  'delivery.resolve',
  'destination.read',
  'destination.pause',
  'destination.configure',
  'event.read',
  'configuration.read',
  'customer.write',
  'price.write',
  'item.write',
  'partner.write',
  'connection.write',
  'metrics.read',
  'retention.manage',
  'reconcile.manage',
  'audit.read',
  'identity.manage',
] as const;
export type Action = (typeof ACTIONS)[number];

const reading: readonly Action[] = [
  'overview.read',
  'order.read',
  'stock.read',
  'exception.read',
  'event.read',
  'configuration.read',
  'destination.read',
];
const traffic: readonly Action[] = ['message.read', 'delivery.read'];

export const roleActions: Readonly<Record<Role, readonly Action[]>> = {
  operations: [
    ...reading,
    ...traffic,
    'order.submit',
    'order.cancel',
    'order.hold',
    'order.comment',
    'shipment.void',
    'stock.reserve',
    'stock.write',
    'exception.act',
    'delivery.replay',
    'replay.approve',
    'destination.pause',
  ],
  customer_service: [
    ...reading,
    ...traffic,
    'order.submit',
    'order.cancel',
    'order.hold',
    'order.comment',
    'stock.reserve',
    'exception.act',
  ],
  edi: [
    ...reading,
    ...traffic,
    'order.submit',
    'order.comment',
    'message.submit',
    'exception.act',
    'delivery.replay',
    'message.resubmit',
    'delivery.discard',
    'partner.write',
  ],
  integration: [
    ...reading,
    ...traffic,
    'order.submit',
    'order.comment',
    'stock.reserve',
    'stock.write',
    'message.submit',
    'exception.act',
    'delivery.replay',
    'replay.approve',
    'message.resubmit',
    'reconcile.manage',
    'delivery.discard',
    'delivery.resolve',
    'destination.pause',
    'destination.configure',
    'item.write',
    'partner.write',
    'connection.write',
    'metrics.read',
  ],
  finance: [...reading, ...traffic, 'order.comment', 'exception.act', 'customer.write', 'price.write', 'audit.read'],
  admin: ACTIONS,
};

/** The actions of several roles together, in the catalog's order. */
export function actionsOf(roles: readonly Role[]): Action[] {
  return ACTIONS.filter((action) => roles.some((role) => roleActions[role].includes(action)));
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
