import { Anchor, Autocomplete, Card, Grid, Group, Select } from '@mantine/core';
import { IconBuildingWarehouse } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { call } from '../api.ts';
import { AvailabilityCard } from '../parts/availability-card.tsx';
import { MoreButton } from '../parts/more-button.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { StockPositions } from '../parts/stock-positions.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { usePages } from '../parts/use-pages.ts';

const inventoryRoute = getRouteApi('/inventory');
const channels = ['portal', 'edi', 'storefront', 'marketplace', 'api'];

export function InventoryPage() {
  const search = inventoryRoute.useSearch();
  const navigate = useNavigate({ from: '/inventory' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/inventory', search: { ...search, ...change }, replace: true });
  const list = usePages(['inventory'], (after) =>
    call('GET /v1/inventory', { query: { limit: 200, ...(after ? { after } : {}) } }),
  );
  const sku = search.sku ?? list.rows[0]?.sku;
  const channel = search.channel ?? 'portal';
  return (
    <>
      <PageHeader
        title="Inventory"
        subtitle="What is on hand, what is promised, and why a channel may sell what it may."
      />
      <Filters sku={sku} channel={channel} onChange={setFilter} />
      {list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading />
      ) : list.rows.length === 0 ? (
        <Card>
          <Empty icon={<IconBuildingWarehouse size={40} />} title="No stock is known">
            Apply a stock snapshot, or connect a warehouse. The{' '}
            <Anchor component={Link} to="/setup">
              first steps
            </Anchor>{' '}
            show how.
          </Empty>
        </Card>
      ) : (
        <Grid gap="md">
          <Grid.Col span={{ base: 12, xl: 7 }}>{sku && <AvailabilityCard sku={sku} channel={channel} />}</Grid.Col>
          <Grid.Col span={{ base: 12, xl: 5 }}>
            <StockPositions rows={list.rows} selected={sku} onSelect={(value) => setFilter({ sku: value })} />
            <MoreButton list={list} />
          </Grid.Col>
        </Grid>
      )}
    </>
  );
}

interface FiltersProps {
  sku: string | undefined;
  channel: string;
  onChange(change: { sku?: string; channel?: string }): void;
}

function Filters({ sku, channel, onChange }: FiltersProps) {
  const items = useQuery({ queryKey: ['items'], queryFn: () => call('GET /v1/items', { query: { limit: 500 } }) });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Choose item and channel">
      <Select
        aria-label="Item"
        placeholder="Item"
        searchable
        limit={200}
        nothingFoundMessage="No such item"
        w={320}
        value={sku ?? null}
        onChange={(value) => onChange({ sku: value ?? '' })}
        data={(items.data?.data ?? []).map(({ value: item }) => ({
          value: item.sku,
          label: `${item.sku} · ${item.description}`,
        }))}
      />
      <Autocomplete
        key={channel}
        aria-label="Channel"
        placeholder="Channel"
        w={170}
        defaultValue={channel}
        onOptionSubmit={(value) => onChange({ channel: value })}
        onBlur={(event) => onChange({ channel: event.currentTarget.value.trim() })}
        data={channels}
      />
    </Group>
  );
}
