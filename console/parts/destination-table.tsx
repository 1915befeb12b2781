import { Badge, Button, Table, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ControlTower } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatCount } from '../format.ts';
import { useMay } from '../session.tsx';
import { ReasonDialog } from './reason-dialog.tsx';

type Row = ControlTower['destinations'][number];

/** Outside systems with what waits for them. Pausing queues deliveries; nothing is lost and no attempt is spent. */
export function DestinationTable({ rows }: { rows: readonly Row[] }) {
  const [asked, setAsked] = useState<Row>();
  const may = useMay('destination.pause');
  if (rows.length === 0)
    return (
      <Text c="dimmed" size="sm">
        No outside system is connected yet.
      </Text>
    );
  return (
    <Table.ScrollContainer
      minWidth={640}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Destinations', role: 'region' } }}
    >
      <Table aria-label="Destinations">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>System</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Waiting</Table.Th>
            <Table.Th ta="right">Retrying</Table.Th>
            <Table.Th ta="right">Unknown</Table.Th>
            <Table.Th ta="right">Dead</Table.Th>
            <Table.Th>Oldest</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.name}>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {row.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {row.role?.toUpperCase()}
                </Text>
              </Table.Td>
              <Table.Td>
                <DestinationState row={row} />
              </Table.Td>
              <Table.Td ta="right">{formatCount(row.waiting)}</Table.Td>
              <Table.Td ta="right">{formatCount(row.retrying)}</Table.Td>
              <Table.Td ta="right">{formatCount(row.unknown)}</Table.Td>
              <Table.Td ta="right">{formatCount(row.dead)}</Table.Td>
              <Table.Td>{row.oldestOpenAt ? formatAge(row.oldestOpenAt) : '–'}</Table.Td>
              <Table.Td ta="right">
                {may && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    leftSection={row.paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
                    onClick={() => setAsked(row)}
                    aria-label={`${row.paused ? 'Resume' : 'Pause'} ${row.name}`}
                  >
                    {row.paused ? 'Resume' : 'Pause'}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {asked && <PauseDialog row={asked} onClose={() => setAsked(undefined)} />}
    </Table.ScrollContainer>
  );
}

function DestinationState({ row }: { row: Row }) {
  if (row.paused)
    return (
      <Badge color="yellow" variant="filled" tt="none" title={row.pausedReason}>
        Paused
      </Badge>
    );
  if (row.inWindow)
    return (
      <Badge color="yellow" variant="light" tt="none">
        Maintenance window
      </Badge>
    );
  if (row.retrying > 0)
    return (
      <Badge color="orange" variant="light" tt="none">
        Retrying
      </Badge>
    );
  return (
    <Badge color="green" variant="dot" tt="none">
      Delivering
    </Badge>
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
