import { Card, Group, Switch, Text, ThemeIcon, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBolt,
  IconBuildingStore,
  IconBuildingWarehouse,
  IconCircleCheck,
  IconClock,
  IconDatabase,
  IconFileText,
  IconHexagon,
  IconMail,
  IconPlug,
  IconSend,
  IconTruck,
  IconX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ComponentType, type ReactNode, useState } from 'react';
import type { Timeline, TimelineEntry, TimelineLane } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatDurationMs, formatInstant, formatTime } from '../format.ts';
import { Empty, Failed, Loading } from './states.tsx';

type Icon = ComponentType<{ size?: number; stroke?: number }>;

const laneIcons: Record<TimelineLane['kind'], Icon> = {
  hub: IconHexagon,
  erp: IconDatabase,
  wms: IconBuildingWarehouse,
  carrier: IconTruck,
  storefront: IconBuildingStore,
  edi: IconFileText,
  api: IconPlug,
  other: IconPlug,
};
const kindIcons: Record<TimelineEntry['kind'], Icon> = {
  event: IconBolt,
  message: IconMail,
  document: IconFileText,
  delivery: IconSend,
  attempt: IconSend,
  exception: IconAlertTriangle,
};
const tones: Record<TimelineEntry['tone'], { color: string; icon?: Icon; word: string }> = {
  ok: { color: 'teal', icon: IconCircleCheck, word: 'done' },
  info: { color: 'gray', word: '' },
  waiting: { color: 'blue', icon: IconClock, word: 'waiting' },
  warning: { color: 'orange', icon: IconAlertTriangle, word: 'warning' },
  failed: { color: 'red', icon: IconX, word: 'failed' },
};

/** Everything that happened to one order in order of time: a column per system, so that one sees who had the ball when. */
export function OrderTimeline({ orderId }: { orderId: string }) {
  const [detailed, setDetailed] = useState(false);
  const timeline = useQuery({
    queryKey: ['timeline', orderId],
    queryFn: () => call('GET /v1/orders/{id}/timeline', { params: { id: orderId } }),
    refetchInterval: 10_000,
  });
  if (timeline.isError) return <Failed error={timeline.error} retry={() => void timeline.refetch()} />;
  if (timeline.isPending) return <Loading rows={8} />;
  const entries = detailed ? timeline.data.entries : timeline.data.entries.filter((entry) => entry.kind !== 'attempt');
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Text size="xs" c="dimmed">
          Correlation <span className="mono">{timeline.data.correlationId}</span> · {entries.length} entries
          {timeline.data.truncated ? ' (the oldest are left out)' : ''}
        </Text>
        <Switch
          size="sm"
          label="Every attempt"
          checked={detailed}
          onChange={(event) => setDetailed(event.currentTarget.checked)}
        />
      </Group>
      {entries.length === 0 ? (
        <Empty icon={<IconClock size={32} />} title="Nothing yet">
          Events appear here as they are committed.
        </Empty>
      ) : (
        <Lanes timeline={timeline.data} entries={entries} />
      )}
    </Card>
  );
}

function Lanes({ timeline, entries }: { timeline: Timeline; entries: TimelineEntry[] }) {
  const used = timeline.lanes.filter((lane) => entries.some((entry) => entry.lane === lane.id));
  const template = `86px repeat(${used.length}, minmax(150px, 1fr))`;
  const start = entries[0]?.at;
  return (
    <div style={{ overflowX: 'auto' }} role="region" aria-label="Timeline by system" tabIndex={0}>
      <div style={{ minWidth: 86 + used.length * 160 }}>
        <div
          style={{
            display: 'grid',
            gridTemplateColumns: template,
            position: 'sticky',
            top: 0,
            background: 'var(--mantine-color-body)',
            zIndex: 2,
            borderBottom: '1px solid var(--mantine-color-default-border)',
            paddingBottom: 6,
          }}
        >
          <Text size="xs" c="dimmed">
            Time
          </Text>
          {used.map((lane) => (
            <LaneTitle key={lane.id} lane={lane} />
          ))}
        </div>
        <ol style={{ listStyle: 'none', margin: 0, padding: 0 }}>
          {entries.map((entry) => (
            <li key={entry.id} style={{ display: 'grid', gridTemplateColumns: template }}>
              <Tooltip label={formatInstant(entry.at)}>
                <Text size="xs" c="dimmed" pt={7} component="time" dateTime={entry.at}>
                  {formatTime(entry.at)}
                  <br />
                  {start && entry.at !== start ? `+${formatDurationMs(Date.parse(entry.at) - Date.parse(start))}` : ''}
                </Text>
              </Tooltip>
              {used.map((lane) => (
                <div key={lane.id} style={{ borderLeft: '1px solid light-dark(#e4ebe9, #22302d)', padding: '3px 8px' }}>
                  {lane.id === entry.lane && <Entry entry={entry} laneTitle={lane.title} />}
                </div>
              ))}
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function LaneTitle({ lane }: { lane: TimelineLane }) {
  const Icon = laneIcons[lane.kind];
  return (
    <Group gap={6} wrap="nowrap" px={8}>
      <ThemeIcon size={22} variant="light" color="dock" aria-hidden>
        <Icon size={14} />
      </ThemeIcon>
      <Text size="sm" fw={650} truncate>
        {lane.title}
      </Text>
    </Group>
  );
}

function targetOf(entry: TimelineEntry): string | undefined {
  const refs = entry.refs;
  if (refs.exceptionId) return `/exceptions/${refs.exceptionId}`;
  if (refs.deliveryId) return `/deliveries/${refs.deliveryId}`;
  return refs.messageId ? `/messages/${refs.messageId}` : undefined;
}

function Entry({ entry, laneTitle }: { entry: TimelineEntry; laneTitle: string }) {
  const tone = tones[entry.tone];
  const Shape = tone.icon ?? kindIcons[entry.kind];
  const to = targetOf(entry);
  const body: ReactNode = (
    <Group
      gap={6}
      wrap="nowrap"
      align="flex-start"
      py={3}
      px={6}
      style={{
        borderRadius: 8,
        background:
          entry.tone === 'failed' || entry.tone === 'warning' ? `var(--mantine-color-${tone.color}-light)` : undefined,
      }}
    >
      <ThemeIcon size={18} radius="xl" variant="light" color={tone.color} aria-hidden mt={1}>
        <Shape size={12} />
      </ThemeIcon>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" lh={1.35}>
          {entry.direction && (
            <span aria-label={entry.direction === 'in' ? `from ${laneTitle}` : `to ${laneTitle}`}>
              {entry.direction === 'in' ? '← ' : '→ '}
            </span>
          )}
          {entry.title}
          {tone.word && entry.tone !== 'ok' && (
            <Text span size="xs" c="dimmed">
              {' '}
              ({tone.word})
            </Text>
          )}
        </Text>
        {entry.detail && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {entry.detail}
          </Text>
        )}
      </div>
    </Group>
  );
  return to ? (
    <Link to={to} className="quiet-link">
      {body}
    </Link>
  ) : (
    body
  );
}
