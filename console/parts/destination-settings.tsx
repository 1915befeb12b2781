import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import type { Destination } from '../../src/api/contract.ts';
import { formatCount, formatDurationMs } from '../format.ts';
import { useMay } from '../session.tsx';
import { reasons } from './destination-draft.ts';
import { EditDestination } from './edit-destination.tsx';
import { WideTable } from './wide-table.tsx';

/** Maintenance windows, retries, circuit breakers, drains and concurrency of the outside systems. */
export function DestinationSettings({ rows }: { rows: readonly Destination[] }) {
  const [edited, setEdited] = useState<Destination>();
  const may = useMay('destination.configure');
  return (
    <>
      <WideTable label="Windows, retries and breakers" minWidth={980}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>System</Table.Th>
            <Table.Th>Maintenance windows</Table.Th>
            <Table.Th>Retries</Table.Th>
            <Table.Th>Circuit breaker</Table.Th>
            <Table.Th>After an outage</Table.Th>
            <Table.Th ta="right">Calls at once</Table.Th>
            {may && (
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Line key={row.name} row={row} onEdit={may ? () => setEdited(row) : undefined} />
          ))}
        </Table.Tbody>
      </WideTable>
      {edited && <EditDestination row={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function Line({ row, onEdit }: { row: Destination; onEdit: (() => void) | undefined }) {
  return (
    <Table.Tr>
      <Table.Td fw={600}>{row.name}</Table.Td>
      <Table.Td>
        {row.windows.length === 0 ? (
          <Text size="sm" c="dimmed">
            none
          </Text>
        ) : (
          row.windows.map((window) => (
            <Text key={`${window.cron} ${window.zone}`} size="sm">
              <span className="mono">{window.cron}</span> for {formatDurationMs(window.durationMinutes * 60_000)},{' '}
              {window.zone}
            </Text>
          ))
        )}
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          up to {formatCount(row.retry.maxAttempts)} attempts, first after {formatDurationMs(row.retry.baseMs)}, then ×
          {row.retry.factor} up to {formatDurationMs(row.retry.maxMs)}
        </Text>
        {Object.keys(row.retryByReason).length > 0 && (
          <Text size="xs" c="dimmed">
            others for{' '}
            {reasons
              .filter(({ name }) => row.retryByReason[name])
              .map(({ title }) => title.toLowerCase())
              .join(', ')}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          opens after {formatCount(row.breaker.consecutiveFailures)} failures in a row, or{' '}
          {Math.round(row.breaker.failureRate * 100)}% of {formatCount(row.breaker.minimumCalls)} calls; alarm after{' '}
          {formatDurationMs(row.breaker.alarmAfterMs)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          {row.drain.perSecond === undefined ? 'no limit' : `${row.drain.perSecond} a second`}, full speed after{' '}
          {formatDurationMs(row.drain.rampSeconds * 1_000)}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        {row.concurrency}
        {row.openMax !== undefined && (
          <Text size="xs" c="dimmed">
            {formatCount(row.openMax)} open at most
          </Text>
        )}
      </Table.Td>
      {onEdit && (
        <Table.Td ta="right">
          <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={`Edit ${row.name}`}>
            Edit
          </Button>
        </Table.Td>
      )}
    </Table.Tr>
  );
}
