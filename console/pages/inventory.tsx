import { Card, Grid, Group, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { IconBuildingWarehouse } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { InventoryRow } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatDecimal, words } from '../format.ts';
import { MoreButton } from '../parts/more-button.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { usePages } from '../parts/use-pages.ts';
import { Waterfall } from '../parts/waterfall.tsx';
import { inventoryRoute } from '../router.tsx';

const channels = ['portal', 'edi', 'storefront', 'marketplace', 'api'];

export function InventoryPage() {
  const search = inventoryRoute.useSearch();
  const navigate = useNavigate({ from: '/inventory' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/inventory', search: { ...search, ...change }, replace: true });
  const items = useQuery({ queryKey: ['items'], queryFn: () => call('GET /v1/items', { query: { limit: 500 } }) });
  const list = usePages(['inventory', search.sku], (after) =>
    call('GET /v1/inventory', {
      query: { limit: 100, ...(search.sku ? { sku: search.sku } : {}), ...(after ? { after } : {}) },
    }),
  );
  const sku = search.sku ?? list.rows[0]?.sku;
  const channel = search.channel ?? 'portal';
  return (
    <>
      <PageHeader
        title="Inventory"
        subtitle="What is on hand, what is promised, and why a channel may sell what it may."
      />
      <Group mb="md" align="end">
        <Select
          label="Item"
          placeholder="Any item"
          searchable
          clearable
          w={280}
          value={search.sku ?? null}
          onChange={(value) => setFilter({ sku: value ?? '' })}
          data={(items.data?.data ?? []).map(({ value: item }) => ({
            value: item.sku,
            label: `${item.sku} · ${item.description}`,
          }))}
        />
        <Select
          label="Channel"
          w={170}
          value={channels.includes(channel) ? channel : null}
          onChange={(value) => setFilter({ channel: value ?? '' })}
          data={channels.map((value) => ({ value, label: words(value) }))}
        />
        <TextInput
          label="Or another channel"
          w={170}
          value={channels.includes(channel) ? '' : channel}
          onChange={(event) => setFilter({ channel: event.currentTarget.value })}
        />
      </Group>
      {list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading />
      ) : list.rows.length === 0 ? (
        <Empty icon={<IconBuildingWarehouse size={40} />} title="No stock is known">
          Apply a stock snapshot, or connect a warehouse. The <Link to="/setup">first steps</Link> show how.
        </Empty>
      ) : (
        <Grid gap="md">
          <Grid.Col span={{ base: 12, lg: 6 }}>{sku && <Explain sku={sku} channel={channel} />}</Grid.Col>
          <Grid.Col span={{ base: 12, lg: 6 }}>
            <Positions rows={list.rows} selected={sku} onSelect={(value) => setFilter({ sku: value })} />
            <MoreButton list={list} />
          </Grid.Col>
        </Grid>
      )}
    </>
  );
}

function Explain({ sku, channel }: { sku: string; channel: string }) {
  const query = useQuery({
    queryKey: ['availability', sku, channel],
    queryFn: () => call('GET /v1/availability', { query: { sku, channel, explain: true } }),
  });
  if (query.isError) return <Failed error={query.error} />;
  if (query.isPending) return <Loading />;
  const figure = query.data;
  return (
    <Card>
      <Group justify="space-between" align="baseline" mb="xs">
        <Title order={2}>
          Why {words(channel).toLowerCase()} may sell {formatDecimal(figure.ats)} {figure.baseUom} of {sku}
        </Title>
        <Text size="xs" c="dimmed">
          {figure.formula}
        </Text>
      </Group>
      <Waterfall terms={figure.waterfall ?? []} uom={figure.baseUom} />
      <Stack gap={2} mt="sm">
        {figure.locations.map((location) => (
          <Text key={location.location} size="sm" c="dimmed">
            <b>{location.location}</b>: {formatDecimal(location.onHand)} on hand − {formatDecimal(location.notSellable)}{' '}
            not sellable − {formatDecimal(location.hardAllocated)} allocated − {formatDecimal(location.softReserved)}{' '}
            reserved − {formatDecimal(location.safetyStock)} safety = {formatDecimal(location.net)}
            {location.stale ? ' (stale: the warehouse has been silent too long)' : ''}
          </Text>
        ))}
        {figure.expectedSupply.map((supply) => (
          <Text key={`${supply.poNo}-${supply.location}`} size="sm" c="dimmed">
            Expected: {formatDecimal(supply.quantity)} on {supply.poNo}, due {supply.dueDate} at {supply.location}
          </Text>
        ))}
      </Stack>
    </Card>
  );
}

function Positions({
  rows,
  selected,
  onSelect,
}: {
  rows: InventoryRow[];
  selected: string | undefined;
  onSelect(sku: string): void;
}) {
  return (
    <Card p={0}>
      <Table.ScrollContainer
        minWidth={560}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Positions', role: 'region' } }}
      >
        <Table aria-label="Positions">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Item</Table.Th>
              <Table.Th>Location</Table.Th>
              <Table.Th>Lot</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th ta="right">On hand</Table.Th>
              <Table.Th ta="right">Allocated</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr
                key={`${row.sku}-${row.location}-${row.lot}-${row.status}`}
                className="row-link"
                onClick={() => onSelect(row.sku)}
                bg={row.sku === selected ? 'var(--mantine-primary-color-light)' : undefined}
              >
                <Table.Td>
                  <button
                    type="button"
                    onClick={() => onSelect(row.sku)}
                    style={{ all: 'unset', cursor: 'pointer', fontWeight: 600 }}
                  >
                    {row.sku}
                  </button>
                </Table.Td>
                <Table.Td>{row.location}</Table.Td>
                <Table.Td>
                  {row.lot ?? '–'}
                  {row.expiry && (
                    <Text size="xs" c="dimmed">
                      expires {row.expiry}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{words(row.status)}</Table.Td>
                <Table.Td ta="right">
                  {formatDecimal(row.onHand)} {row.uom}
                </Table.Td>
                <Table.Td ta="right">{formatDecimal(row.hardAllocated)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}
