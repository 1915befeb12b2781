import { Anchor, Badge, Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconClockPause, IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ControlTower } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatCount } from '../format.ts';
import { useMay, useMe } from '../session.tsx';
import { ReasonDialog } from './reason-dialog.tsx';
import { WideTable } from './wide-table.tsx';

type Row = ControlTower['destinations'][number];

interface DestinationTableProps {
  rows: readonly Row[];
  /** Flows of the hub itself: everything waits behind them, so only admins pause them. */
  inner?: boolean;
}

/** Where the hub delivers, with what waits there. Pausing queues deliveries; nothing is lost and no attempt is spent. */
export function DestinationTable({ rows, inner = false }: DestinationTableProps) {
  const [asked, setAsked] = useState<Row>();
  const mayPause = useMay('destination.pause');
  const isAdmin = useMe().roles.includes('admin');
  const may = mayPause && (!inner || isAdmin);
  if (rows.length === 0)
    return (
      <Text c="dimmed" size="sm" className="prose">
        No outside system is connected yet. The{' '}
        <Anchor component={Link} to="/setup" size="sm">
          first steps
        </Anchor>{' '}
        show how.
      </Text>
    );
  const label = inner ? 'Flows' : 'Destinations';
  return (
    <>
      <WideTable label={label} minWidth={720} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{inner ? 'Flow' : 'System'}</Table.Th>
            <Table.Th>State</Table.Th>
            {counts.map(({ title }) => (
              <Table.Th key={title} ta="right" w={84}>
                {title}
              </Table.Th>
            ))}
            <Table.Th ta="right" w={90}>
              Oldest
            </Table.Th>
            {may && (
              <Table.Th w={116}>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Line key={row.name} row={row} onAsk={may ? () => setAsked(row) : undefined} />
          ))}
        </Table.Tbody>
      </WideTable>
      {asked && <PauseDialog row={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

const counts = [
  { title: 'Waiting', count: (row: Row) => row.waiting, state: undefined },
  { title: 'Retrying', count: (row: Row) => row.retrying, state: 'retry_wait' },
  { title: 'Unknown', count: (row: Row) => row.unknown, state: 'outcome_unknown' },
  { title: 'Dead', count: (row: Row) => row.dead, state: 'dead' },
];

function Line({ row, onAsk }: { row: Row; onAsk: (() => void) | undefined }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {row.name}{' '}
          {row.role && (
            <Text span size="xs" c="dimmed" fw={400}>
              {row.role === 'erp' || row.role === 'wms' || row.role === 'edi' ? row.role.toUpperCase() : row.role}
            </Text>
          )}
        </Text>
      </Table.Td>
      <Table.Td>
        <DestinationState row={row} />
      </Table.Td>
      {counts.map(({ title, count, state }) => (
        <Table.Td key={title} ta="right" c={count(row) === 0 ? 'dimmed' : undefined}>
          {count(row) > 0 && state ? (
            <Anchor
              component={Link}
              to={`/deliveries?state=${state}&destination=${encodeURIComponent(row.name)}`}
              size="sm"
              fw={700}
            >
              {formatCount(count(row))}
            </Anchor>
          ) : (
            formatCount(count(row))
          )}
        </Table.Td>
      ))}
      <Table.Td ta="right" className="nowrap">
        {row.oldestOpenAt ? formatAge(row.oldestOpenAt) : '–'}
      </Table.Td>
      {onAsk && (
        <Table.Td ta="right">
          <Button
            size="compact-sm"
            w={100}
            variant="default"
            leftSection={row.paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
            onClick={onAsk}
            aria-label={`${row.paused ? 'Resume' : 'Pause'} ${row.name}`}
          >
            {row.paused ? 'Resume' : 'Pause'}
          </Button>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function stateOf(row: Row): { label: string; color: string; icon: typeof IconCheck } {
  if (row.paused) return { label: 'Paused', color: 'yellow', icon: IconPlayerPause };
  if (row.inWindow) return { label: 'Maintenance window', color: 'yellow', icon: IconClockPause };
  if (row.retrying > 0) return { label: 'Retrying', color: 'orange', icon: IconRefresh };
  return { label: 'Delivering', color: 'green', icon: IconCheck };
}

function DestinationState({ row }: { row: Row }) {
  const look = stateOf(row);
  return (
    <>
      <Badge color={look.color} variant="light" tt="none" fw={600} leftSection={<look.icon size={13} />}>
        {look.label}
      </Badge>
      {row.paused && row.pausedReason && (
        <Text size="xs" c="dimmed" truncate title={row.pausedReason}>
          {row.pausedReason}
        </Text>
      )}
    </>
  );
}

function PauseDialog({ row, onClose }: { row: Row; onClose(): void }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (reason: string) =>
      call(row.paused ? 'POST /v1/destinations/{name}/resume' : 'POST /v1/destinations/{name}/pause', {
        params: { name: row.name },
        body: { reason },
      }),
    onSuccess: () => {
      for (const key of ['control-tower', 'destinations']) void client.invalidateQueries({ queryKey: [key] });
      onClose();
    },
  });
  return (
    <ReasonDialog
      opened
      title={`${row.paused ? 'Resume' : 'Pause'} ${row.name}`}
      preview={
        row.paused
          ? `${formatCount(row.waiting + row.retrying)} waiting deliveries will go out in their order.`
          : 'Deliveries will queue in order and spend no attempts until somebody resumes it.'
      }
      confirm={row.paused ? 'Resume' : 'Pause'}
      working={change.isPending}
      error={change.error?.message}
      onClose={onClose}
      onConfirm={(reason) => change.mutate(reason)}
    />
  );
}
