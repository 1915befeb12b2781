import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ControlTower } from '../../src/api/contract.ts';
import { formatCount, formatMoneyShort } from '../format.ts';
import { MilestoneBadge } from './status.tsx';

/** One bar per milestone in the order of the walk; the length is the number of open orders. */
export function BacklogBars({ backlog }: { backlog: ControlTower['backlog'] }) {
  const most = Math.max(1, ...backlog.map((row) => row.orders));
  if (backlog.length === 0)
    return (
      <Text c="dimmed" size="sm">
        No open orders.
      </Text>
    );
  return (
    <div
      style={{
        display: 'grid',
        gridTemplateColumns: 'max-content 1fr max-content',
        gap: '7px 12px',
        alignItems: 'center',
      }}
    >
      {backlog.map((row) => (
        <BacklogRow key={row.milestone} row={row} share={row.orders / most} />
      ))}
    </div>
  );
}

function BacklogRow({ row, share }: { row: ControlTower['backlog'][number]; share: number }) {
  return (
    <>
      <Anchor component={Link} to={`/orders?show=open&milestone=${row.milestone}`} underline="never" lh={1}>
        <MilestoneBadge milestone={row.milestone} />
      </Anchor>
      <div style={{ height: 14, borderRadius: 4, background: 'light-dark(#eef2f1, #101716)' }} aria-hidden>
        <div
          style={{
            height: '100%',
            width: `${share * 100}%`,
            minWidth: row.orders > 0 ? 4 : 0,
            borderRadius: 4,
            background: 'var(--mantine-primary-color-filled)',
            transition: 'width .4s',
          }}
        />
      </div>
      <Text size="sm" ta="right">
        <b>{formatCount(row.orders)}</b>{' '}
        <Text span size="xs" c="dimmed">
          {row.orders === 1 ? 'order' : 'orders'}
          {row.money.length > 0 && ' · '}
          {row.money.map((sum) => formatMoneyShort(sum.minor, sum.currency)).join(' + ')}
        </Text>
      </Text>
    </>
  );
}
