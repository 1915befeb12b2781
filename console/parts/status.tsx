import { Badge, Group, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconBan,
  IconBox,
  IconCheck,
  IconChecks,
  IconCircleDashed,
  IconClockPause,
  IconCreditCard,
  IconHandStop,
  IconPackage,
  IconSend,
  IconStack2,
  IconTruck,
  IconTruckDelivery,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Milestone } from '../../src/api/contract.ts';
import { words } from '../format.ts';

interface Look {
  icon: ComponentType<{ size?: number; stroke?: number }>;
  color: string;
  hint: string;
}

/** One shape and one sentence per milestone: state is read by word and shape, colour only helps. */
const milestoneLooks: Record<Milestone, Look> = {
  received: {
    icon: IconCircleDashed,
    color: 'gray',
    hint: 'Accepted into the hub; credit and stock are being checked',
  },
  credit_approved: { icon: IconCreditCard, color: 'blue', hint: 'Credit is fine; waiting for stock' },
  backordered: { icon: IconClockPause, color: 'orange', hint: 'Nothing in stock yet; it ships when stock arrives' },
  partially_allocated: { icon: IconStack2, color: 'blue', hint: 'Part of it is reserved' },
  allocated: { icon: IconStack2, color: 'indigo', hint: 'Everything is reserved' },
  released: { icon: IconSend, color: 'indigo', hint: 'The warehouse has it' },
  picked: { icon: IconBox, color: 'violet', hint: 'Picked' },
  packed: { icon: IconPackage, color: 'violet', hint: 'Packed' },
  partially_shipped: { icon: IconTruck, color: 'cyan', hint: 'Part of it has left' },
  shipped: { icon: IconTruck, color: 'teal', hint: 'It has left the building' },
  partially_delivered: { icon: IconTruckDelivery, color: 'teal', hint: 'Part of it has arrived' },
  delivered: { icon: IconChecks, color: 'green', hint: 'Delivered' },
  cancelled: { icon: IconBan, color: 'gray', hint: 'Cancelled' },
  returned: { icon: IconArrowBackUp, color: 'gray', hint: 'Returned' },
};

export function MilestoneBadge({ milestone }: { milestone: Milestone }) {
  const look = milestoneLooks[milestone];
  const Icon = look.icon;
  return (
    <Tooltip label={look.hint}>
      <Badge variant="light" color={look.color} leftSection={<Icon size={13} stroke={1.9} />} tt="none" fw={600}>
        {words(milestone)}
      </Badge>
    </Tooltip>
  );
}

interface OrderStatusShape {
  milestone: Milestone;
  onHold: boolean;
  exception: boolean;
  invoice: string;
}

/** The milestone with its overlays: holds and exceptions never replace it. */
export function OrderStatusBadges({ status }: { status: OrderStatusShape }) {
  return (
    <Group gap={6} wrap="nowrap">
      <MilestoneBadge milestone={status.milestone} />
      {status.onHold && (
        <Badge variant="filled" color="yellow" leftSection={<IconHandStop size={13} />} tt="none">
          On hold
        </Badge>
      )}
      {status.exception && (
        <Badge variant="filled" color="red" leftSection={<IconAlertTriangle size={13} />} tt="none">
          Exception
        </Badge>
      )}
      {status.invoice === 'invoiced' && (
        <Badge variant="outline" color="gray" leftSection={<IconCheck size={13} />} tt="none">
          Invoiced
        </Badge>
      )}
    </Group>
  );
}

const stateColors: Record<string, string> = {
  refused: 'red',
  rejected: 'red',
  failed: 'red',
  accepted: 'green',
  accepted_with_errors: 'orange',
  sent: 'green',
  processed: 'green',
  queued: 'gray',
  in_flight: 'blue',
  retry_wait: 'orange',
  outcome_unknown: 'red',
  held: 'yellow',
  delivered: 'green',
  dead: 'red',
  discarded: 'gray',
  open: 'red',
  assigned: 'blue',
  autoRetry: 'orange',
  waitingPartner: 'yellow',
  resolved: 'green',
  suppressed: 'gray',
  high: 'red',
  critical: 'red',
  medium: 'orange',
  low: 'gray',
};

/** Any other state the hub names: a delivery's, an exception's, a severity. */
export function StateBadge({ state }: { state: string }) {
  return (
    <Badge variant="light" color={stateColors[state] ?? 'gray'} tt="none">
      {words(state.replace(/([a-z])([A-Z])/g, '$1_$2'))}
    </Badge>
  );
}

/** Every milestone in the order of the walk. */
export const milestones = Object.keys(milestoneLooks) as Milestone[];
