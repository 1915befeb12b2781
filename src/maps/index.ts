import type { AnyMap, InboundMap, OutboundMap } from './map.ts';

export * from './map.ts';

/** Every map of the hub, explicitly; a test fails when a map's file is missing here. */
export const maps: readonly AnyMap[] = [];

/** Maps by what they answer to; two maps for one key are a programmer's mistake. */
export interface MapIndex {
  inbound(connector: string, topic: string): InboundMap | undefined;
  outbound(connector: string, operation: string): OutboundMap | undefined;
}

export function indexMaps(list: readonly AnyMap[] = maps): MapIndex {
  const byKey = new Map<string, AnyMap>();
  for (const map of list) {
    const key = keyOf(map.direction, map.connector, map.direction === 'inbound' ? map.topic : map.operation);
    if (byKey.has(key)) throw new Error(`Two maps answer to ${key}`);
    byKey.set(key, map);
  }
  return {
    inbound: (connector, topic) => byKey.get(keyOf('inbound', connector, topic)) as InboundMap | undefined,
    outbound: (connector, operation) => byKey.get(keyOf('outbound', connector, operation)) as OutboundMap | undefined,
  };
}

function keyOf(direction: string, connector: string, name: string): string {
  return `${direction} ${connector} ${name}`;
}
