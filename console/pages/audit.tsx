import { Alert, Anchor, Button, Card, Code, Group, Table, Text } from '@mantine/core';
import { IconFileSearch, IconLinkOff, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { AuditEntry, ListAuditQuery } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatInstant, words } from '../format.ts';
import { MoreButton } from '../parts/more-button.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { TextFilter } from '../parts/text-filter.tsx';
import { usePages } from '../parts/use-pages.ts';
import { WideTable } from '../parts/wide-table.tsx';
import { useMay } from '../session.tsx';

const auditRoute = getRouteApi('/audit');
/** A chain up to this long is hashed again whenever the page opens; a longer one when somebody asks. */
const shortChain = 20_000;

/** Who did what and why, and whether anybody has tampered with the record. */
export function AuditPage() {
  const search = auditRoute.useSearch();
  const query: ListAuditQuery = {
    ...(search.actor ? { actor: search.actor } : {}),
    ...(search.action ? { action: search.action } : {}),
    ...(search.subjectId ? { subjectId: search.subjectId } : {}),
  };
  const list = usePages(['audit', query], (after) =>
    call('GET /v1/audit', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
  );
  const nameOf = useActorNames();
  return (
    <>
      <PageHeader title="Audit" subtitle="Who did what and why. Each entry holds the hash of the one before it." />
      <Chain length={list.rows[0]?.sequence} filtered={Object.keys(query).length > 0} />
      <Filters />
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading rows={10} />}
      {list.isSuccess && list.rows.length === 0 && (
        <Card>
          <Empty icon={<IconFileSearch size={36} />} title="Nothing fits">
            Clear the filters: every change by hand, and every sign-in, is here.
          </Empty>
        </Card>
      )}
      {list.rows.length > 0 && (
        <Card p={0}>
          <Entries rows={list.rows} nameOf={nameOf} />
        </Card>
      )}
      <MoreButton list={list} />
    </>
  );
}

function Chain({ length, filtered }: { length: number | undefined; filtered: boolean }) {
  const [asked, setAsked] = useState(false);
  const short = !filtered && length !== undefined && length <= shortChain;
  const check = useQuery({
    queryKey: ['audit-verification'],
    queryFn: () => call('GET /v1/audit/verification'),
    enabled: asked || short,
    staleTime: 60_000,
  });
  const again = (
    <Button
      size="compact-sm"
      variant="default"
      loading={check.isFetching}
      onClick={() => (asked || short ? void check.refetch() : setAsked(true))}
    >
      Verify the chain
    </Button>
  );
  const line = (color: string, icon: ReactNode, title: string, text: ReactNode) => (
    <Alert color={color} icon={icon} mb="md" role="status" title={title}>
      <Group justify="space-between">
        <Text size="sm">{text}</Text>
        {again}
      </Group>
    </Alert>
  );
  if (check.isError) return <Failed error={check.error} retry={() => void check.refetch()} />;
  if (!check.data)
    return line(
      'gray',
      <IconShieldCheck size={18} />,
      'Not verified yet',
      'Every entry is hashed again, from the first.',
    );
  const { ok, entries = 0, head = '', brokenAt = 0, checkedAt } = check.data;
  return ok
    ? line(
        'green',
        <IconShieldCheck size={18} />,
        'The chain is unbroken',
        <>
          {formatCount(entries)} entries, verified {formatInstant(checkedAt)}. Its head is{' '}
          <Code title={head}>{head.slice(0, 16)}…</Code>; keep a copy elsewhere to compare.
        </>,
      )
    : line(
        'red',
        <IconLinkOff size={18} />,
        `The chain is broken at entry ${formatCount(brokenAt)}`,
        'That entry or one before it was changed, taken out or put in after it was written. Compare with a backup.',
      );
}

/** People and keys by name, where one may know them. */
function useActorNames(): (actor: string) => string {
  const may = useMay('identity.manage');
  const users = useQuery({
    queryKey: ['users', 'names'],
    queryFn: () => call('GET /v1/users', { query: { limit: 500 } }),
    enabled: may,
  });
  const keys = useQuery({
    queryKey: ['api-keys', 'names'],
    queryFn: () => call('GET /v1/api-keys', { query: { limit: 500 } }),
    enabled: may,
  });
  const names = new Map<string, string>([['admin-key', 'Administrator’s key']]);
  for (const { value } of users.data?.data ?? []) names.set(`user:${value.id}`, value.displayName);
  for (const key of keys.data?.data ?? []) names.set(`key:${key.id}`, `${key.name} (key)`);
  return (actor) => names.get(actor) ?? actor;
}

function Entries({ rows, nameOf }: { rows: readonly AuditEntry[]; nameOf(actor: string): string }) {
  return (
    <WideTable label="Audit entries, newest first" minWidth={900}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th ta="right">No.</Table.Th>
          <Table.Th>When</Table.Th>
          <Table.Th>Who</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th>About</Table.Th>
          <Table.Th>Why and how</Table.Th>
          <Table.Th>Hash</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.sequence}>
            <Table.Td ta="right">{formatCount(row.sequence)}</Table.Td>
            <Table.Td className="nowrap">
              <time dateTime={row.at}>{formatInstant(row.at)}</time>
            </Table.Td>
            <Table.Td title={row.actor}>{nameOf(row.actor)}</Table.Td>
            <Table.Td className="mono">{row.action}</Table.Td>
            <Table.Td>
              <Subject subject={row.subject} />
            </Table.Td>
            <Table.Td>
              <Why row={row} />
            </Table.Td>
            <Table.Td className="mono nowrap" title={row.hash}>
              {row.hash.slice(0, 8)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

const pathOf: Record<string, string> = {
  order: '/orders',
  exception: '/exceptions',
  message: '/messages',
  delivery: '/deliveries',
  replay: '/replays',
};

function Subject({ subject: { kind, id } }: { subject: AuditEntry['subject'] }) {
  const path = pathOf[kind];
  const name = id.length > 24 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
  return (
    <>
      <Text span size="xs" c="dimmed">
        {words(kind)}{' '}
      </Text>
      {path === undefined ? (
        <span className="mono" title={id}>
          {name}
        </span>
      ) : (
        <Anchor component={Link} to={`${path}/${id}`} size="sm" title={id}>
          {name}
        </Anchor>
      )}
    </>
  );
}

function Why({ row }: { row: AuditEntry }) {
  if (row.reason === undefined && row.detail === undefined) return <Text c="dimmed">–</Text>;
  return (
    <>
      {row.reason !== undefined && <Text size="sm">{row.reason}</Text>}
      {row.detail !== undefined && (
        <details>
          <summary className="quiet-summary">What was asked for</summary>
          <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {JSON.stringify(row.detail, null, 1)}
          </Code>
        </details>
      )}
    </>
  );
}

function Filters() {
  const search = auditRoute.useSearch();
  const navigate = useNavigate({ from: '/audit' });
  const set = (change: Partial<typeof search>) =>
    void navigate({ to: '/audit', search: { ...search, ...change }, replace: true });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Filter the audit">
      <TextFilter
        aria-label="Action"
        placeholder="Action, e.g. user.create"
        w={240}
        value={search.action ?? ''}
        onChange={(action) => set({ action })}
      />
      <TextFilter
        aria-label="Actor"
        placeholder="Actor, e.g. admin-key"
        w={220}
        value={search.actor ?? ''}
        onChange={(actor) => set({ actor })}
      />
      <TextFilter
        aria-label="Subject"
        placeholder="Id of what it is about"
        w={240}
        value={search.subjectId ?? ''}
        onChange={(subjectId) => set({ subjectId })}
      />
    </Group>
  );
}
