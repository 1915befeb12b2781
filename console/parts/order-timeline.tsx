import { Button, Card, Group, Switch, Text, UnstyledButton } from '@mantine/core';
import { IconClock, IconSquare, IconSquareCheckFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Timeline, TimelineEntry } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { Empty, Failed, Loading } from './states.tsx';
import { TimelineLanes } from './timeline-lanes.tsx';
import { laneLooks, laneName } from './timeline-looks.tsx';

/** How many entries are drawn at first; an order in trouble can have two thousand. */
const firstShown = 200;

/** Everything that happened to one order in order of time, with a lane per system and a filter by lane. */
export function OrderTimeline({ orderId }: { orderId: string }) {
  const timeline = useQuery({
    queryKey: ['timeline', orderId],
    queryFn: () => call('GET /v1/orders/{id}/timeline', { params: { id: orderId } }),
    refetchInterval: 10_000,
  });
  if (timeline.isError) return <Failed error={timeline.error} retry={() => void timeline.refetch()} />;
  if (timeline.isPending) return <Loading rows={8} />;
  return <Filtered timeline={timeline.data} />;
}

/** The story without single attempts, and without payloads that a document or a delivery speaks for. */
function storyOf(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const spokenFor = new Set(entries.filter((entry) => entry.kind === 'document').map((entry) => entry.refs.messageId));
  return entries.filter((entry) => {
    if (entry.kind === 'attempt') return false;
    const { messageId, deliveryId } = entry.refs;
    return entry.kind !== 'message' || !(spokenFor.has(messageId) || (entry.direction === 'out' && deliveryId));
  });
}

/** Of what was written in the same instant, what came in stands before what went out because of it. */
function causeFirst(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const rank = (entry: TimelineEntry) => (entry.direction === 'in' ? 0 : 1);
  return [...entries].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : rank(a) - rank(b)));
}

function Filtered({ timeline }: { timeline: Timeline }) {
  const [detailed, setDetailed] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [limit, setLimit] = useState(firstShown);
  const told = causeFirst(detailed ? timeline.entries : storyOf(timeline.entries));
  const used = timeline.lanes.filter((lane) => told.some((entry) => entry.lane === lane.id));
  const entries = told.filter((entry) => !hidden.has(entry.lane));
  const toggle = (lane: string) => {
    const next = new Set(hidden);
    if (!next.delete(lane)) next.add(lane);
    setHidden(next);
  };
  return (
    // The head of the lanes sticks to the window, which a card that clips its content would prevent.
    <Card style={{ overflow: 'visible' }}>
      <Group justify="space-between" mb="xs" gap="xs">
        <Group gap={6} role="group" aria-label="Systems to show">
          {used.map((lane) => (
            <LaneChip
              key={lane.id}
              title={laneName(lane)}
              icon={laneLooks[lane.kind].icon}
              count={told.filter((entry) => entry.lane === lane.id).length}
              shown={!hidden.has(lane.id)}
              onClick={() => toggle(lane.id)}
            />
          ))}
        </Group>
        <Switch
          size="sm"
          label="Every attempt and payload"
          checked={detailed}
          onChange={(event) => setDetailed(event.currentTarget.checked)}
        />
      </Group>
      {entries.length === 0 ? (
        <Empty icon={<IconClock size={32} />} title={hidden.size > 0 ? 'Every system is hidden' : 'Nothing yet'}>
          {hidden.size > 0 ? 'Switch one on again above.' : 'Events appear here as they are committed.'}
        </Empty>
      ) : (
        <TimelineLanes lanes={used.filter((lane) => !hidden.has(lane.id))} entries={entries.slice(0, limit)} />
      )}
      {entries.length > limit && (
        <Button variant="default" mt="sm" onClick={() => setLimit(limit + firstShown)}>
          Show {formatCount(Math.min(firstShown, entries.length - limit))} more of {formatCount(entries.length)}
        </Button>
      )}
      <Text size="xs" c="dimmed" mt="sm">
        {formatCount(entries.length)} {entries.length === 1 ? 'entry' : 'entries'}
        {timeline.truncated ? ' (the oldest are left out)' : ''} · correlation{' '}
        <span className="mono">{timeline.correlationId}</span>
      </Text>
    </Card>
  );
}

interface LaneChipProps {
  title: string;
  icon: (typeof laneLooks)['hub']['icon'];
  count: number;
  shown: boolean;
  onClick(): void;
}

function LaneChip({ title, icon: Icon, count, shown, onClick }: LaneChipProps) {
  const Box = shown ? IconSquareCheckFilled : IconSquare;
  return (
    <UnstyledButton
      onClick={onClick}
      aria-pressed={shown}
      fz="xs"
      fw={600}
      px={8}
      py={3}
      style={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 5,
        borderRadius: 999,
        border: '1px solid var(--line)',
        color: shown ? undefined : 'var(--mantine-color-dimmed)',
      }}
    >
      <Box size={13} aria-hidden />
      <Icon size={13} stroke={1.8} />
      {title}
      <Text span size="xs" c="dimmed" fw={400}>
        {count}
      </Text>
    </UnstyledButton>
  );
}
