import { Anchor, Button, Card, Text } from '@mantine/core';
import { IconPlus, IconRepeat } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Replay } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatInstant, words } from '../format.ts';
import { ListCard } from '../parts/list-card.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { ReplayDetail } from '../parts/replay-detail.tsx';
import { ReplayPlanForm } from '../parts/replay-plan-form.tsx';
import type { Column } from '../parts/row-list.tsx';
import { Empty } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { usePages } from '../parts/use-pages.ts';
import { useMay } from '../session.tsx';

const replayRoute = getRouteApi('/replays/$id');

const columns: Column<Replay>[] = [
  {
    title: 'Why',
    cell: (row) => (
      <Anchor component={Link} to={`/replays/${row.id}`} size="sm" fw={600}>
        {row.reason}
      </Anchor>
    ),
  },
  { title: 'State', cell: (row) => <StateBadge state={row.state} /> },
  { title: 'Sends', cell: (row) => words(row.mode) },
  { title: 'Match', numeric: true, cell: (row) => formatCount(row.preview.total) },
  { title: 'To do', numeric: true, cell: (row) => formatCount(row.progress.pending) },
  {
    title: 'Approval',
    cell: (row) => row.approvedBy ?? (row.approvalReasons.length === 0 ? 'not needed' : 'waits for a second person'),
  },
  { title: 'Planned by', cell: (row) => row.createdBy },
  { title: 'When', cell: (row) => <span className="nowrap">{formatInstant(row.createdAt)}</span> },
];

/** One plan: preview, approval, progress, its deliveries. */
export function ReplayPage() {
  const { id } = replayRoute.useParams();
  return (
    <>
      <PageHeader
        title="Replay"
        subtitle={
          <Anchor component={Link} to="/replays" size="sm">
            All replays
          </Anchor>
        }
      />
      <ReplayDetail id={id} />
    </>
  );
}

/** Plans for sending again: found, previewed, approved, run. */
export function ReplaysPage() {
  const [planning, setPlanning] = useState(false);
  const navigate = useNavigate();
  const may = useMay('delivery.replay');
  const open = (row: Replay) => void navigate({ to: '/replays/$id', params: { id: row.id } });
  const list = usePages(
    ['replays'],
    (after) => call('GET /v1/replays', { query: { limit: 50, ...(after ? { after } : {}) } }),
    { refetchInterval: 5_000 },
  );
  return (
    <>
      <PageHeader
        title="Replays"
        subtitle="Send again what failed or was lost over there: find it, see what would change, have it approved, and follow it."
      >
        {may && !planning && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setPlanning(true)}>
            Plan a replay
          </Button>
        )}
      </PageHeader>
      {planning && (
        <Card mb="md">
          <ReplayPlanForm onPlanned={open} />
        </Card>
      )}
      <ListCard
        list={list}
        label="Replays"
        columns={columns}
        keyOf={(row) => row.id}
        nameOf={(row) => row.reason}
        onOpen={open}
        empty={
          <Empty icon={<IconRepeat size={32} />} title="No replays yet">
            <Text size="sm">
              Plan one when dead letters can be sent again, or to see what today’s maps would change.
            </Text>
          </Empty>
        }
      />
    </>
  );
}
