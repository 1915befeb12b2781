import { Anchor, Badge, Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { IconMoodHappy, IconX } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ExceptionView, ListExceptionsQuery } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant, formatMoney, words } from '../format.ts';
import { DueBadge } from '../parts/due-badge.tsx';
import { ListCard } from '../parts/list-card.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import type { Column } from '../parts/row-list.tsx';
import { Empty } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { usePages } from '../parts/use-pages.ts';
import { useMe } from '../session.tsx';

const exceptionsRoute = getRouteApi('/exceptions');

const columns: Column<ExceptionView>[] = [
  {
    title: 'Severity',
    width: 110,
    cell: (row) => (
      <Stack gap={4} align="flex-start">
        <StateBadge state={row.severity} />
        {row.state !== 'open' && <StateBadge state={row.state} />}
      </Stack>
    ),
  },
  {
    title: 'What is wrong',
    width: 320,
    cell: (row) => (
      <>
        <Anchor component={Link} to={`/exceptions/${row.id}`} fw={600} size="sm">
          {row.title}
        </Anchor>
        <Text size="xs" c="dimmed" lineClamp={2} maw={520}>
          {row.cause}
        </Text>
      </>
    ),
  },
  { title: 'About', cell: (row) => <About row={row} /> },
  {
    title: 'Owner',
    cell: (row) => (
      <Badge variant="default" tt="none" miw="max-content">
        {words(row.ownerRole)}
      </Badge>
    ),
  },
  { title: 'At risk', numeric: true, cell: (row) => formatMoney(row.moneyAtRiskMinor, row.currency) },
  { title: 'Due', cell: (row) => <DueBadge dueAt={row.dueAt} resolved={row.state === 'resolved'} /> },
  {
    title: 'Open',
    cell: (row) => (
      <time dateTime={row.openedAt} title={formatInstant(row.openedAt)} className="nowrap">
        {formatAge(row.openedAt)}
      </time>
    ),
  },
];

function About({ row }: { row: ExceptionView }) {
  const first = row.entityRefs[0];
  const text = first?.label ?? (first?.kind === 'order' ? 'the order' : (first?.id ?? '–'));
  return row.orderId && first?.kind === 'order' ? (
    <Anchor component={Link} to={`/orders/${row.orderId}`} size="sm" className="nowrap">
      {text}
    </Anchor>
  ) : (
    <Text size="sm" truncate maw={160} title={text}>
      {text}
    </Text>
  );
}

const ownerRoles = ['customer_service', 'operations', 'edi', 'integration', 'finance', 'admin'];

export function ExceptionsPage() {
  const search = exceptionsRoute.useSearch();
  const navigate = useNavigate({ from: '/exceptions' });
  const query: ListExceptionsQuery = {
    ...(search.state ? { state: search.state } : {}),
    ...(search.class ? { class: search.class as ExceptionView['class'] } : {}),
    ...(search.ownerRole ? { ownerRole: search.ownerRole } : {}),
    ...(search.code ? { code: search.code } : {}),
  };
  const list = usePages(['exceptions', query], (after) =>
    call('GET /v1/exceptions', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
  );
  return (
    <>
      <PageHeader
        title="Exceptions"
        subtitle="Everything that wants a person, in front of the one who owns it. They close by themselves when the cause is gone."
      />
      <Filters />
      <ListCard
        list={list}
        label="Exceptions"
        columns={columns}
        keyOf={(row) => row.id}
        onOpen={(row) => void navigate({ to: '/exceptions/$id', params: { id: row.id } })}
        empty={
          <Empty icon={<IconMoodHappy size={40} />} title="Nothing needs you">
            Holds, refusals and failures will appear here with their cause, their cost and what to do.
          </Empty>
        }
      />
    </>
  );
}

function Filters() {
  const search = exceptionsRoute.useSearch();
  const me = useMe();
  const navigate = useNavigate({ from: '/exceptions' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/exceptions', search: { ...search, ...change }, replace: true });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Filter exceptions">
      <SegmentedControl
        aria-label="Kind of exception"
        value={search.class ?? ''}
        onChange={(value) => setFilter({ class: value })}
        data={[
          { value: '', label: 'All' },
          { value: 'business', label: 'Business' },
          { value: 'data', label: 'Data' },
          { value: 'technical', label: 'Technical' },
        ]}
      />
      <Select
        aria-label="Owner"
        placeholder="Any owner"
        clearable
        w={200}
        value={search.ownerRole ?? null}
        onChange={(value) => setFilter({ ownerRole: value ?? '' })}
        data={ownerRoles.map((value) => ({
          value,
          label: (me.roles as string[]).includes(value) && value !== 'admin' ? `${words(value)} (mine)` : words(value),
        }))}
      />
      <Select
        aria-label="State"
        w={170}
        value={search.state ?? ''}
        onChange={(value) => setFilter({ state: value ?? '' })}
        data={[
          { value: '', label: 'Not resolved' },
          { value: 'assigned', label: 'Assigned' },
          { value: 'resolved', label: 'Resolved' },
          { value: 'all', label: 'All' },
        ]}
        allowDeselect={false}
      />
      {search.code && (
        <Button
          variant="default"
          rightSection={<IconX size={14} />}
          onClick={() => setFilter({ code: '' })}
          aria-label={`No longer only ${words(search.code)}`}
        >
          {words(search.code)}
        </Button>
      )}
    </Group>
  );
}
