import { Anchor, Badge, Button, Group, SegmentedControl, Select, Text } from '@mantine/core';
import { IconFileSpreadsheet, IconInbox } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ListOrdersQuery, OrderSummary } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant, formatMoney, words } from '../format.ts';
import { ListCard } from '../parts/list-card.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import type { Column } from '../parts/row-list.tsx';
import { Empty } from '../parts/states.tsx';
import { milestones, OrderStatusBadges } from '../parts/status.tsx';
import { TextFilter } from '../parts/text-filter.tsx';
import { usePages } from '../parts/use-pages.ts';
import { useMay } from '../session.tsx';

const ordersRoute = getRouteApi('/orders');

const columns: Column<OrderSummary>[] = [
  {
    title: 'Order',
    cell: (row) => (
      <Anchor component={Link} to={`/orders/${row.id}`} fw={600} size="sm" className="nowrap">
        {row.orderNo}
      </Anchor>
    ),
  },
  {
    title: 'Customer',
    cell: (row) => (
      <>
        <Text size="sm">{row.customerName}</Text>
        <Text size="xs" c="dimmed">
          {row.customer}
          {row.customerPo ? ` · PO ${row.customerPo}` : ''}
        </Text>
      </>
    ),
  },
  {
    title: 'Channel',
    cell: (row) => (
      <Badge variant="default" tt="none">
        {row.channel}
      </Badge>
    ),
  },
  {
    title: 'Status',
    cell: (row) => (
      <>
        <OrderStatusBadges status={row.status} />
        {row.holds.length > 0 && (
          <Text size="xs" c="dimmed">
            {row.holds.map(words).join(', ')}
          </Text>
        )}
      </>
    ),
  },
  { title: 'Lines', numeric: true, cell: (row) => row.lineCount },
  { title: 'Value', numeric: true, cell: (row) => formatMoney(row.amountMinor, row.currency) },
  { title: 'ERP', cell: (row) => <span className="mono">{row.erpOrderNo ?? '–'}</span> },
  {
    title: 'Received',
    cell: (row) => (
      <time dateTime={row.createdAt} title={formatInstant(row.createdAt)} className="nowrap">
        {formatAge(row.createdAt)} ago
      </time>
    ),
  },
];

const shows: Record<string, Partial<ListOrdersQuery>> = {
  all: {},
  open: { open: true },
  held: { onHold: true },
  exception: { exception: true },
};

export function OrdersPage() {
  const search = ordersRoute.useSearch();
  const navigate = useNavigate({ from: '/orders' });
  const maySubmit = useMay('order.submit');
  const query: ListOrdersQuery = {
    ...shows[search.show ?? 'all'],
    ...(search.milestone ? { milestone: search.milestone as OrderSummary['status']['milestone'] } : {}),
    ...(search.channel ? { channel: search.channel } : {}),
    ...(search.customer ? { customer: search.customer } : {}),
    ...(search.customerPo ? { customerPo: search.customerPo } : {}),
  };
  const list = usePages(['orders', query], (after) =>
    call('GET /v1/orders', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
  );
  return (
    <>
      <PageHeader title="Orders" subtitle="Every order, whichever door it came through.">
        {maySubmit && (
          <Button
            component={Link}
            to="/orders/import"
            variant="default"
            leftSection={<IconFileSpreadsheet size={16} />}
          >
            Import a CSV file
          </Button>
        )}
      </PageHeader>
      <Filters />
      <ListCard
        list={list}
        label="Orders"
        columns={columns}
        keyOf={(row) => row.id}
        onOpen={(row) => void navigate({ to: '/orders/$id', params: { id: row.id } })}
        empty={
          <Empty icon={<IconInbox size={40} />} title="No orders here">
            Orders arrive by API, EDI, webhook or CSV. Clear the filters, or follow the{' '}
            <Anchor component={Link} to="/setup">
              first steps
            </Anchor>{' '}
            to send one.
          </Empty>
        }
      />
    </>
  );
}

function Filters() {
  const search = ordersRoute.useSearch();
  const navigate = useNavigate({ from: '/orders' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/orders', search: { ...search, ...change }, replace: true });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Filter orders">
      <SegmentedControl
        aria-label="Which orders"
        value={search.show ?? 'all'}
        onChange={(value) => setFilter({ show: value })}
        data={[
          { value: 'all', label: 'All' },
          { value: 'open', label: 'Open' },
          { value: 'held', label: 'On hold' },
          { value: 'exception', label: 'With exception' },
        ]}
      />
      <Select
        aria-label="Milestone"
        placeholder="Any milestone"
        clearable
        w={180}
        value={search.milestone ?? null}
        onChange={(value) => setFilter({ milestone: value ?? '' })}
        data={milestones.map((value) => ({ value, label: words(value) }))}
      />
      <TextFilter
        aria-label="Customer"
        placeholder="Customer no."
        w={140}
        value={search.customer ?? ''}
        onChange={(customer) => setFilter({ customer })}
      />
      <TextFilter
        aria-label="Purchase order"
        placeholder="Purchase order"
        w={160}
        value={search.customerPo ?? ''}
        onChange={(customerPo) => setFilter({ customerPo })}
      />
    </Group>
  );
}
