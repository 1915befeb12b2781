import { Anchor, Badge, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconHeartbeat, IconHeartBroken } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { formatAge, formatCount } from '../format.ts';
import { useMay, useMe } from '../session.tsx';
import { type DestinationAction, DestinationActions, DestinationDialog } from './destination-actions.tsx';
import { type DestinationRow as Row, DestinationState } from './destination-state.tsx';
import { WideTable } from './wide-table.tsx';

interface DestinationTableProps {
  rows: readonly Row[];
  /** Flows of the hub itself: everything waits behind them, so only admins pause them. */
  inner?: boolean;
}

/** Where the hub delivers, with what waits there. Pausing queues deliveries; nothing is lost and no attempt is spent. */
export function DestinationTable({ rows, inner = false }: DestinationTableProps) {
  const [asked, setAsked] = useState<{ row: Row; action: DestinationAction }>();
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
      <WideTable label={label} minWidth={inner ? 720 : 945} layout="fixed" horizontalSpacing={7}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={inner ? undefined : 150}>{inner ? 'Flow' : 'System'}</Table.Th>
            <Table.Th w={inner ? undefined : 156}>State</Table.Th>
            {!inner && <Table.Th w={94}>Health</Table.Th>}
            {counts.map(({ title }) => (
              <Table.Th key={title} ta="right" w={78}>
                {title}
              </Table.Th>
            ))}
            {!inner && (
              <Table.Th ta="right" w={72} className="nowrap">
                Per min
              </Table.Th>
            )}
            <Table.Th ta="right" w={70}>
              Oldest
            </Table.Th>
            {may && (
              <Table.Th w={108}>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Line
              key={row.name}
              row={row}
              inner={inner}
              onAsk={may ? (action) => setAsked({ row, action }) : undefined}
            />
          ))}
        </Table.Tbody>
      </WideTable>
      {asked && <DestinationDialog {...asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

const counts = [
  { title: 'Waiting', count: (row: Row) => row.waiting, state: undefined },
  { title: 'Retrying', count: (row: Row) => row.retrying, state: 'retry_wait' },
  { title: 'Unknown', count: (row: Row) => row.unknown, state: 'outcome_unknown' },
  { title: 'Dead', count: (row: Row) => row.dead, state: 'dead' },
];

interface LineProps {
  row: Row;
  inner: boolean;
  onAsk: ((action: DestinationAction) => void) | undefined;
}

function Line({ row, inner, onAsk }: LineProps) {
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
      {!inner && (
        <Table.Td>
          <Health row={row} />
        </Table.Td>
      )}
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
      {!inner && (
        <Table.Td ta="right" c={row.perMinute ? undefined : 'dimmed'}>
          {row.perMinute === undefined ? '–' : formatCount(row.perMinute)}
        </Table.Td>
      )}
      <Table.Td ta="right" className="nowrap">
        {row.oldestOpenAt ? formatAge(row.oldestOpenAt) : '–'}
      </Table.Td>
      {onAsk && (
        <Table.Td ta="right">
          <DestinationActions row={row} inner={inner} onAsk={onAsk} />
        </Table.Td>
      )}
    </Table.Tr>
  );
}

/** What the system says of itself, where it can be asked. */
function Health({ row }: { row: Row }) {
  const { health } = row;
  if (health === undefined) {
    return (
      <Text size="sm" c="dimmed">
        –
      </Text>
    );
  }
  const Icon = health.ok ? IconHeartbeat : IconHeartBroken;
  const said = `${health.detail}, asked ${formatAge(health.checkedAt)} ago, took ${health.durationMs} ms; so for ${formatAge(health.since)}`;
  return (
    <Tooltip label={said} multiline maw={320}>
      <Badge color={health.ok ? 'green' : 'red'} variant="light" tt="none" fw={600} leftSection={<Icon size={13} />}>
        {health.ok ? 'OK' : 'Fails'}
      </Badge>
    </Tooltip>
  );
}
