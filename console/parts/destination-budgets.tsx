import { Button, Group, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Budget, Destination } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { useMay } from '../session.tsx';
import { EditBudget } from './edit-budget.tsx';
import { WideTable } from './wide-table.tsx';

/** What each outside system may be asked in a while, by all workers together, and how long it will last. */
export function DestinationBudgets({ rows: destinations }: { rows: readonly Destination[] }) {
  const [edited, setEdited] = useState<Budget>();
  const may = useMay('destination.configure');
  const list = useQuery({ queryKey: ['budgets'], queryFn: () => call('GET /v1/budgets'), refetchInterval: 10_000 });
  const set = new Map(list.data?.data.map((budget) => [budget.destination, budget]));
  const rows = destinations.map((row) => ({
    budget: set.get(row.name) ?? { destination: row.name, settings: {}, version: 0 },
    superseded: row.supersededToday ?? 0,
  }));
  return (
    <>
      <WideTable label="Budgets" minWidth={680}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>System</Table.Th>
            <Table.Th>Rate</Table.Th>
            <Table.Th>Quota</Table.Th>
            <Table.Th>Forecast</Table.Th>
            <Table.Th ta="right">Superseded today</Table.Th>
            {may && (
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ budget, superseded }) => (
            <Line
              key={budget.destination}
              row={budget}
              superseded={superseded}
              onEdit={may ? () => setEdited(budget) : undefined}
            />
          ))}
        </Table.Tbody>
      </WideTable>
      {edited && <EditBudget row={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

interface LineProps {
  row: Budget;
  /** Publications that gave way to newer ones before they were sent. */
  superseded: number;
  onEdit: (() => void) | undefined;
}

function Line({ row, superseded, onEdit }: LineProps) {
  const { settings, quota } = row;
  return (
    <Table.Tr>
      <Table.Td fw={600}>{row.destination}</Table.Td>
      <Table.Td>{rateWords(settings)}</Table.Td>
      <Table.Td>
        {settings.quota === undefined
          ? 'no quota'
          : `${formatCount(settings.quota.calls)} calls each ${settings.quota.per} (${settings.quota.zone})`}
        {settings.reserves?.map((reserve) => (
          <Text key={reserve.minPriority} size="xs" c="dimmed">
            last {Math.round(reserve.share * 100)}% for priority {reserve.minPriority} and above
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        {quota === undefined ? (
          <Text size="sm" c="dimmed">
            –
          </Text>
        ) : (
          <Group gap={6} wrap="nowrap" align="flex-start">
            {quota.exhaustedAt !== undefined && <IconAlertTriangle size={16} aria-label="Will not last" />}
            <Text size="sm">{quota.words}</Text>
          </Group>
        )}
      </Table.Td>
      <Table.Td ta="right" c={superseded === 0 ? 'dimmed' : undefined}>
        {formatCount(superseded)}
      </Table.Td>
      {onEdit && (
        <Table.Td ta="right">
          <Button
            size="compact-sm"
            variant="default"
            onClick={onEdit}
            aria-label={`Edit the budget of ${row.destination}`}
          >
            Edit
          </Button>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function rateWords({ rate, concurrency }: Budget['settings']): string {
  const parts = [
    rate && `${formatCount(rate.calls)} calls per ${perWords(rate.perSeconds)}`,
    concurrency && `${formatCount(concurrency)} at once`,
  ].filter(Boolean);
  return parts.length === 0 ? 'not bounded' : parts.join(', ');
}

function perWords(seconds: number): string {
  return seconds === 1 ? 'second' : seconds === 60 ? 'minute' : `${seconds} s`;
}
