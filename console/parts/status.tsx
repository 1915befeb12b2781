import { Badge, Group, Tooltip } from '@mantine/core';
import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconArrowBackUp,
  IconBan,
  IconBox,
  IconCheck,
  IconChecks,
  IconChevronDown,
  IconChevronsUp,
  IconChevronUp,
  IconCircleDashed,
  IconClock,
  IconClockPause,
  IconCopy,
  IconCreditCard,
  IconHandStop,
  IconMailOff,
  IconMinus,
  IconPackage,
  IconPointFilled,
  IconQuestionMark,
  IconRefresh,
  IconSend,
  IconStack2,
  IconTruck,
  IconTruckDelivery,
  IconUser,
  IconX,
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
      <Badge
        variant="light"
        color={look.color}
        leftSection={<Icon size={13} stroke={1.9} />}
        tt="none"
        fw={600}
        miw="max-content"
      >
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
    <Group gap={6}>
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

const good = { color: 'green', icon: IconCheck };
const bad = { color: 'red', icon: IconX };
const waiting = { color: 'blue', icon: IconClock };
const trying = { color: 'orange', icon: IconRefresh };
const stopped = { color: 'yellow', icon: IconHandStop };
const over = { color: 'gray', icon: IconMinus };

const stateLooks: Record<string, { color: string; icon: Look['icon'] }> = {
  refused: bad,
  rejected: bad,
  failed: bad,
  dead: { color: 'red', icon: IconMailOff },
  open: { color: 'red', icon: IconPointFilled },
  critical: { color: 'red', icon: IconAlertOctagon },
  high: { color: 'red', icon: IconChevronsUp },
  outcome_unknown: { color: 'red', icon: IconQuestionMark },
  unknown: { color: 'red', icon: IconQuestionMark },
  accepted_with_errors: { color: 'orange', icon: IconAlertTriangle },
  medium: { color: 'orange', icon: IconChevronUp },
  retry_wait: trying,
  retryable: trying,
  autoRetry: trying,
  held: stopped,
  on_hold: stopped,
  waitingPartner: { color: 'yellow', icon: IconClockPause },
  assigned: { color: 'blue', icon: IconUser },
  in_flight: { color: 'blue', icon: IconSend },
  intent: { color: 'blue', icon: IconSend },
  queued: waiting,
  ready: waiting,
  received: waiting,
  planned: waiting,
  awaiting: waiting,
  accepted: good,
  sent: good,
  processed: good,
  translated: good,
  delivered: good,
  confirmed: good,
  resolved: good,
  discarded: over,
  suppressed: over,
  ignored: over,
  duplicate: { color: 'gray', icon: IconCopy },
  unchecked: { color: 'gray', icon: IconQuestionMark },
  low: { color: 'gray', icon: IconChevronDown },
};

/** Any other state the hub names: a delivery's, an exception's, a severity. Word, shape and only then colour. */
export function StateBadge({ state, label }: { state: string; label?: string }) {
  const look = stateLooks[state];
  const Icon = look?.icon ?? IconCircleDashed;
  return (
    <Badge
      variant="light"
      color={look?.color ?? 'gray'}
      tt="none"
      fw={600}
      miw="max-content"
      leftSection={<Icon size={13} stroke={2} />}
    >
      {label ?? words(state)}
    </Badge>
  );
}

/** Every milestone in the order of the walk. */
export const milestones = Object.keys(milestoneLooks) as Milestone[];
