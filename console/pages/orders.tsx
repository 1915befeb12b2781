import { Anchor, Badge, Card, Group, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ListOrdersQuery, OrderSummary } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant, formatMoney, words } from '../format.ts';
import { MoreButton } from '../parts/more-button.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { type Column, RowList } from '../parts/row-list.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { milestones, OrderStatusBadges } from '../parts/status.tsx';
import { usePages } from '../parts/use-pages.ts';
import { ordersRoute } from '../router.tsx';

const columns: Column<OrderSummary>[] = [
  {
    title: 'Order',
    cell: (row) => (
      <Anchor component={Link} to={`/orders/${row.id}`} fw={600} size="sm">
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
      <time dateTime={row.createdAt} title={formatInstant(row.createdAt)}>
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
  const show = search.show ?? 'all';
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/orders', search: { ...search, ...change }, replace: true });
  const query: ListOrdersQuery = {
    ...shows[show],
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
      <PageHeader title="Orders" subtitle="Every order, whichever door it came through." />
      <Group mb="md" align="end">
        <SegmentedControl
          aria-label="Which orders"
          value={show}
          onChange={(value) => setFilter({ show: value })}
          data={[
            { value: 'all', label: 'All' },
            { value: 'open', label: 'Open' },
            { value: 'held', label: 'On hold' },
            { value: 'exception', label: 'With exception' },
          ]}
        />
        <Select
          label="Milestone"
          placeholder="Any"
          clearable
          w={190}
          value={search.milestone ?? null}
          onChange={(value) => setFilter({ milestone: value ?? '' })}
          data={milestones.map((value) => ({ value, label: words(value) }))}
        />
        <TextInput
          label="Customer"
          placeholder="Account no."
          w={140}
          value={search.customer ?? ''}
          onChange={(event) => setFilter({ customer: event.currentTarget.value })}
        />
        <TextInput
          label="PO"
          placeholder="Customer's PO"
          w={160}
          value={search.customerPo ?? ''}
          onChange={(event) => setFilter({ customerPo: event.currentTarget.value })}
        />
      </Group>
      {list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading />
      ) : list.rows.length === 0 ? (
        <Empty icon={<IconInbox size={40} />} title="No orders here">
          Orders arrive by API, EDI, webhook or CSV. Clear the filters, or follow the{' '}
          <Link to="/setup">first steps</Link> to send one.
        </Empty>
      ) : (
        <Card p={0}>
          <RowList
            label="Orders"
            rows={list.rows}
            columns={columns}
            keyOf={(row) => row.id}
            onOpen={(row) => void navigate({ to: '/orders/$id', params: { id: row.id } })}
          />
        </Card>
      )}
      <MoreButton list={list} />
    </>
  );
}
