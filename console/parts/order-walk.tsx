import { Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { OrderView } from '../../src/api/contract.ts';
import { formatDecimal } from '../format.ts';

type Quantity = keyof OrderView['lines'][number]['q'];

const steps: { label: string; quantity: Quantity | undefined }[] = [
  { label: 'Received', quantity: undefined },
  { label: 'Allocated', quantity: 'allocated' },
  { label: 'Released', quantity: 'released' },
  { label: 'Picked', quantity: 'picked' },
  { label: 'Packed', quantity: 'packed' },
  { label: 'Shipped', quantity: 'shipped' },
  { label: 'Invoiced', quantity: 'invoiced' },
  { label: 'Delivered', quantity: 'delivered' },
];

/** Share of the order's open quantity that has come at least this far, over all lines; display only. */
function shareOf(order: OrderView, quantity: Quantity | undefined): number {
  if (!quantity) return 1;
  let total = 0;
  let reached = 0;
  for (const line of order.lines) {
    const open = Math.max(0, Number(line.q.ordered) - Number(line.q.cancelled));
    if (open === 0) continue;
    total += 1;
    reached += Math.min(1, Number(line.q[quantity]) / open);
  }
  return total === 0 ? 0 : reached / total;
}

function noteOf(order: OrderView, quantity: Quantity | undefined): string {
  if (order.lines.length === 1 && order.lines[0] && quantity)
    return `${formatDecimal(order.lines[0].q[quantity])} ${order.lines[0].baseUom}`;
  return `${Math.floor(shareOf(order, quantity) * 100)}%`;
}

/** The walk from received to delivered: how far the goods have come, by quantity. */
export function OrderWalk({ order }: { order: OrderView }) {
  return (
    <ol className="order-walk" aria-label="How far the order has come">
      {steps.map((step, index) => {
        const share = shareOf(order, step.quantity);
        return (
          <li key={step.label}>
            {index > 0 && <Bar share={share} />}
            <Dot share={share} />
            <Text size="sm" fw={share > 0 ? 600 : 400} c={share > 0 ? undefined : 'dimmed'}>
              {step.label}
            </Text>
            <Text size="xs" c="dimmed">
              {step.quantity ? noteOf(order, step.quantity) : ' '}
            </Text>
          </li>
        );
      })}
    </ol>
  );
}

function Bar({ share }: { share: number }) {
  return (
    <span
      aria-hidden
      className="order-walk-bar"
      style={{
        position: 'absolute',
        top: 12,
        right: '50%',
        width: '100%',
        height: 3,
        background: 'light-dark(#dfe7e5, #26332f)',
      }}
    >
      <span
        style={{
          display: 'block',
          height: '100%',
          width: `${share * 100}%`,
          background: 'var(--mantine-primary-color-filled)',
          transition: 'width .5s',
        }}
      />
    </span>
  );
}

function Dot({ share }: { share: number }) {
  const done = share >= 1;
  return (
    <span
      aria-hidden
      style={{
        position: 'relative',
        zIndex: 1,
        display: 'grid',
        placeItems: 'center',
        width: 26,
        height: 26,
        borderRadius: 13,
        margin: '0 auto 4px',
        background: done ? 'var(--mantine-primary-color-filled)' : 'var(--mantine-color-body)',
        color: 'white',
        border: `3px solid ${share > 0 ? 'var(--mantine-primary-color-filled)' : 'light-dark(#cfdad7, #33423e)'}`,
      }}
    >
      {done && <IconCheck size={15} stroke={3} />}
    </span>
  );
}
