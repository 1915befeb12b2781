import { Card, Group, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Availability } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatDecimal, words } from '../format.ts';
import { Failed, Loading } from './states.tsx';
import { Waterfall } from './waterfall.tsx';
import { WideTable } from './wide-table.tsx';

/** "Explain this quantity": the figure that a channel sees, its waterfall, and every location's own terms. */
export function AvailabilityCard({ sku, channel }: { sku: string; channel: string }) {
  const query = useQuery({
    queryKey: ['availability', sku, channel],
    queryFn: () => call('GET /v1/availability', { query: { sku, channel, explain: true } }),
    placeholderData: (previous) => previous,
  });
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending)
    return (
      <Card>
        <Loading />
      </Card>
    );
  const figure = query.data;
  return (
    <Card>
      <Group justify="space-between" align="baseline" mb="xs">
        <Title order={2}>
          {words(channel)} may sell {formatDecimal(figure.ats)} {figure.baseUom} of {figure.sku}
        </Title>
        <Text size="xs" c="dimmed" title="Version of the formula">
          formula {figure.formula}
        </Text>
      </Group>
      <Waterfall terms={figure.waterfall ?? []} uom={figure.baseUom} />
      <Title order={3} mt="md" mb={4}>
        By location
      </Title>
      <Locations figure={figure} />
      {figure.expectedSupply.map((supply) => (
        <Text key={`${supply.poNo}-${supply.location}`} size="sm" c="dimmed" mt={6}>
          Expected at {supply.location}: {formatDecimal(supply.quantity)} {figure.baseUom} on {supply.poNo}, due{' '}
          {supply.dueDate}; it counts when it has arrived.
        </Text>
      ))}
    </Card>
  );
}

type Term = (location: Availability['locations'][number]) => string;

const terms: readonly [title: string, quantity: Term, subtracts: boolean][] = [
  ['On hand', (row) => row.onHand, false],
  ['Not sellable', (row) => row.notSellable, true],
  ['Allocated', (row) => row.hardAllocated, true],
  ['of it picked', (row) => row.picked, false],
  ['Reserved', (row) => row.softReserved, true],
  ['Safety', (row) => row.safetyStock, true],
  ['Other channels', (row) => row.reservedForOtherChannels, true],
];

function Locations({ figure }: { figure: Availability }) {
  // Terms that are zero everywhere explain nothing.
  const told = terms.filter(
    ([title, quantity]) => title === 'On hand' || figure.locations.some((row) => Number(quantity(row)) !== 0),
  );
  return (
    <WideTable
      label={`Terms of ${figure.sku} by location, in ${figure.baseUom}`}
      minWidth={480}
      horizontalSpacing={6}
      fz="sm"
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Location</Table.Th>
          {told.map(([title]) => (
            <Table.Th key={title} ta="right">
              {title}
            </Table.Th>
          ))}
          <Table.Th ta="right">Net</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {figure.locations.map((row) => (
          <Table.Tr key={row.location}>
            <Table.Td>
              <b>{row.location}</b>
              <Text size="xs" c="dimmed" className="nowrap">
                {row.sellable ? (row.asOf ? `as of ${formatAge(row.asOf)} ago` : '') : 'does not sell here'}
              </Text>
            </Table.Td>
            {told.map(([title, quantity, subtracts]) => (
              <Table.Td
                key={title}
                ta="right"
                className="nowrap"
                c={Number(quantity(row)) === 0 ? 'dimmed' : undefined}
              >
                {subtracts && Number(quantity(row)) > 0 ? '−' : ''}
                {formatDecimal(quantity(row))} {figure.baseUom}
              </Table.Td>
            ))}
            <Table.Td ta="right" fw={700}>
              {formatDecimal(row.net)} {figure.baseUom}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
