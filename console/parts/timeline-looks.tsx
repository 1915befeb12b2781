import {
  IconAlertTriangle,
  IconBolt,
  IconBuildingStore,
  IconBuildingWarehouse,
  IconCheck,
  IconClock,
  IconDatabase,
  IconFileText,
  IconHexagon,
  IconMail,
  IconMessage,
  IconPlug,
  IconRefresh,
  IconSend,
  IconTruck,
  IconX,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { TimelineEntry, TimelineLane } from '../../src/api/contract.ts';

type Icon = ComponentType<{ size?: number; stroke?: number }>;

/** What a system looks like, and what it is called where there is little room. */
export const laneLooks: Record<TimelineLane['kind'], { icon: Icon; short: string }> = {
  hub: { icon: IconHexagon, short: 'Hub' },
  erp: { icon: IconDatabase, short: 'ERP' },
  wms: { icon: IconBuildingWarehouse, short: 'WMS' },
  carrier: { icon: IconTruck, short: 'Carrier' },
  storefront: { icon: IconBuildingStore, short: 'Shop' },
  edi: { icon: IconFileText, short: 'EDI' },
  api: { icon: IconPlug, short: 'API' },
  other: { icon: IconPlug, short: 'Other' },
};

/** "Carrier · carrier" says it twice. */
export function laneName(lane: TimelineLane): string {
  const [kind = '', name = ''] = lane.title.split(' · ');
  return name.toLowerCase() === kind.toLowerCase() ? kind : lane.title;
}

const kindIcons: Record<TimelineEntry['kind'], Icon> = {
  event: IconBolt,
  message: IconMail,
  document: IconFileText,
  delivery: IconSend,
  attempt: IconRefresh,
  exception: IconAlertTriangle,
  comment: IconMessage,
};

const toneLooks: Record<TimelineEntry['tone'], { color: string; icon?: Icon; word?: string }> = {
  ok: { color: 'dock', icon: IconCheck },
  info: { color: 'gray' },
  waiting: { color: 'blue', icon: IconClock, word: 'waiting' },
  warning: { color: 'orange', icon: IconAlertTriangle, word: 'warning' },
  failed: { color: 'red', icon: IconX, word: 'failed' },
};

/** The dot of an entry: shape and colour, and the word that says the same to those who see neither. */
export function lookOfEntry(entry: TimelineEntry): { color: string; icon: Icon; word?: string } {
  const tone = toneLooks[entry.tone];
  return { ...tone, icon: tone.icon ?? kindIcons[entry.kind] };
}
