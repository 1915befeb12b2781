import { Anchor, Badge, Card, Group, SegmentedControl, Select, Text } from '@mantine/core';
import { IconMoodHappy } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ExceptionView, ListExceptionsQuery } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant, formatMoney, words } from '../format.ts';
import { DueBadge } from '../parts/due-badge.tsx';
import { MoreButton } from '../parts/more-button.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { type Column, RowList } from '../parts/row-list.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { usePages } from '../parts/use-pages.ts';
import { exceptionsRoute } from '../router.tsx';

const columns: Column<ExceptionView>[] = [
  {
    title: 'What is wrong',
    cell: (row) => (
      <>
        <Group gap={8} wrap="nowrap">
          <StateBadge state={row.severity} />
          <Anchor component={Link} to={`/exceptions/${row.id}`} fw={600} size="sm">
            {row.title}
          </Anchor>
        </Group>
        <Text size="xs" c="dimmed" lineClamp={2} maw={520}>
          {row.cause}
        </Text>
      </>
    ),
  },
  { title: 'About', cell: (row) => <Text size="sm">{row.entityRefs[0]?.label ?? row.entityRefs[0]?.id ?? '–'}</Text> },
  {
    title: 'Owner',
    cell: (row) => (
      <Badge variant="default" tt="none">
        {words(row.ownerRole)}
      </Badge>
    ),
  },
  { title: 'At risk', numeric: true, cell: (row) => formatMoney(row.moneyAtRiskMinor, row.currency) },
  { title: 'Due', cell: (row) => <DueBadge dueAt={row.dueAt} resolved={row.state === 'resolved'} /> },
  { title: 'State', cell: (row) => <StateBadge state={row.state} /> },
  {
    title: 'Open',
    cell: (row) => (
      <time dateTime={row.openedAt} title={formatInstant(row.openedAt)}>
        {formatAge(row.openedAt)}
      </time>
    ),
  },
];

const ownerRoles = [
  'customer_service',
  'operations',
  'edi',
  'integration',
  'finance',
  'data_steward',
  'pricing',
  'ar',
  'fulfilment',
  'sales',
];

export function ExceptionsPage() {
  const search = exceptionsRoute.useSearch();
  const navigate = useNavigate({ from: '/exceptions' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/exceptions', search: { ...search, ...change }, replace: true });
  const query: ListExceptionsQuery = {
    ...(search.state ? { state: search.state } : {}),
    ...(search.class ? { class: search.class as ExceptionView['class'] } : {}),
    ...(search.ownerRole ? { ownerRole: search.ownerRole } : {}),
    ...(search.code ? { code: search.code } : {}),
  };
  const list = usePages(['exceptions', query], (after) =>
    call('GET /v1/exceptions', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
  );
  const seenRoles = [...new Set([...ownerRoles, ...list.rows.map((row) => row.ownerRole)])];
  return (
    <>
      <PageHeader
        title="Exceptions"
        subtitle="Everything that wants a person, in front of the one who owns it. They close by themselves when the cause is gone."
      />
      <Group mb="md" align="end">
        <SegmentedControl
          aria-label="Kind of exception"
          value={search.class ?? ''}
          onChange={(value) => setFilter({ class: value })}
          data={[
            { value: '', label: 'All' },
            { value: 'business', label: 'Business' },
            { value: 'technical', label: 'Technical' },
            { value: 'data', label: 'Data' },
          ]}
        />
        <Select
          label="Owner"
          placeholder="Anyone"
          clearable
          w={200}
          value={search.ownerRole ?? null}
          onChange={(value) => setFilter({ ownerRole: value ?? '' })}
          data={seenRoles.map((value) => ({ value, label: words(value) }))}
        />
        <Select
          label="State"
          w={170}
          value={search.state ?? ''}
          onChange={(value) => setFilter({ state: value ?? '' })}
          data={[
            { value: '', label: 'Not resolved' },
            { value: 'resolved', label: 'Resolved' },
            { value: 'all', label: 'All' },
          ]}
          allowDeselect={false}
        />
      </Group>
      {list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading />
      ) : list.rows.length === 0 ? (
        <Empty icon={<IconMoodHappy size={40} />} title="Nothing needs you">
          Holds, refusals and failures will appear here with their cause, their cost and what to do.
        </Empty>
      ) : (
        <Card p={0}>
          <RowList
            label="Exceptions"
            rows={list.rows}
            columns={columns}
            keyOf={(row) => row.id}
            onOpen={(row) => void navigate({ to: '/exceptions/$id', params: { id: row.id } })}
          />
        </Card>
      )}
      <MoreButton list={list} />
    </>
  );
}
