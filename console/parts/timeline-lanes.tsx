import { Text, Tooltip } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { CSSProperties } from 'react';
import type { TimelineEntry, TimelineLane } from '../../src/api/contract.ts';
import { formatDurationMs, formatInstant, formatTime } from '../format.ts';
import { laneLooks, laneName, lookOfEntry } from './timeline-looks.tsx';

interface LanesProps {
  lanes: readonly TimelineLane[];
  entries: readonly TimelineEntry[];
}

interface Geometry {
  laneWidth: number;
  width: number;
  centerOf(lane: number): number;
}

/** Below this many pixels the words have no room beside lanes: there is one for all, and each row names its system. */
const narrow = 560;
/** Lanes narrower than this have no room for a head. */
const narrowestHead = 22;

/** The lanes take about a third of the room, never so much that the words beside them have to break often. */
function geometryOf(count: number, room: number): Geometry {
  const laneWidth = Math.max(14, Math.min(84, Math.floor((room * 0.34) / Math.max(1, count))));
  return { laneWidth, width: laneWidth * count, centerOf: (lane) => laneWidth * (lane + 0.5) };
}

/**
 * One row per entry, a dot in the lane of its system, and a line that passes from dot to dot: one sees who had the ball
 * when. The words stand beside the lanes, so that sixty entries of seven systems fit on two screens.
 */
export function TimelineLanes({ lanes, entries }: LanesProps) {
  const { ref, width } = useElementSize();
  const isNarrow = width < narrow;
  const tracks = isNarrow ? 1 : lanes.length;
  const geometry = isNarrow ? geometryOf(1, 80) : geometryOf(lanes.length, width);
  const laneOf = new Map(lanes.map((lane, index) => [lane.id, isNarrow ? 0 : index]));
  const titleOf = new Map(lanes.map((lane) => [lane.id, laneName(lane)]));
  const startMs = Date.parse(entries[0]?.at ?? '');
  return (
    <div
      ref={ref}
      className={isNarrow ? 'timeline-narrow' : 'timeline-wide'}
      style={{ '--lanes': `${geometry.width}px` } as CSSProperties}
    >
      <Head lanes={lanes} geometry={geometry} />
      <ol style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label="Timeline, oldest first">
        {entries.map((entry, index) => {
          const lane = laneOf.get(entry.lane) ?? 0;
          const before = index === 0 ? undefined : laneOf.get(entries[index - 1]?.lane ?? '');
          return (
            <li key={entry.id} className="timeline-row">
              <Tooltip label={formatInstant(entry.at)} position="right">
                <Text size="xs" c="dimmed" pt={7} pl={6} component="time" dateTime={entry.at} className="timeline-time">
                  {formatTime(entry.at)}
                </Text>
              </Tooltip>
              <Text size="xs" c="dimmed" pt={7} className="timeline-offset nowrap" ta="right" pr={10}>
                {index > 0 && Date.parse(entry.at) > startMs
                  ? `+${formatDurationMs(Date.parse(entry.at) - startMs)}`
                  : ''}
              </Text>
              <Track
                entry={entry}
                lane={lane}
                before={before}
                last={index === entries.length - 1}
                count={tracks}
                geometry={geometry}
              />
              <Words entry={entry} laneTitle={titleOf.get(entry.lane) ?? entry.lane} isNarrow={isNarrow} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Head({ lanes, geometry }: { lanes: readonly TimelineLane[]; geometry: Geometry }) {
  return (
    <div className="timeline-row timeline-head" aria-hidden>
      <Text size="xs" c="dimmed" pl={6} style={{ alignSelf: 'end' }} pb={4}>
        Time
      </Text>
      <span className="timeline-offset" />
      <div style={{ display: 'flex' }}>
        {lanes.map((lane) => {
          const look = laneLooks[lane.kind];
          const several = lanes.filter((other) => other.kind === lane.kind).length > 1;
          return (
            <Tooltip key={lane.id} label={laneName(lane)}>
              <div style={{ width: geometry.laneWidth, textAlign: 'center', paddingTop: 4 }}>
                {geometry.laneWidth >= narrowestHead && <look.icon size={16} stroke={1.8} />}
                <div className="lane-name">{several ? lane.id.toUpperCase() : look.short}</div>
              </div>
            </Tooltip>
          );
        })}
      </div>
      <Text size="xs" c="dimmed" style={{ alignSelf: 'end' }} pb={4} pl={10}>
        What happened
      </Text>
    </div>
  );
}

interface TrackProps {
  entry: TimelineEntry;
  lane: number;
  before: number | undefined;
  last: boolean;
  count: number;
  geometry: Geometry;
}

/** The lanes of one row: faint lines, the line of the ball, and the dot. */
function Track({ entry, lane, before, last, count, geometry }: TrackProps) {
  const look = lookOfEntry(entry);
  const x = geometry.centerOf(lane);
  const from = before === undefined ? undefined : geometry.centerOf(before);
  return (
    <div style={{ position: 'relative' }} aria-hidden>
      <svg
        width={geometry.width}
        height="100%"
        viewBox={`0 0 ${geometry.width} 100`}
        preserveAspectRatio="none"
        style={{ position: 'absolute', inset: 0 }}
      >
        {Array.from({ length: count }, (_, index) => (
          <line
            key={index}
            x1={geometry.centerOf(index)}
            x2={geometry.centerOf(index)}
            y1="0"
            y2="100"
            stroke="var(--line)"
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {from !== undefined && (
          <path
            d={from === x ? `M${x} 0V50` : `M${from} 0C${from} 40 ${x} 10 ${x} 50`}
            fill="none"
            stroke="light-dark(#7bb8ab, #3f8577)"
            strokeWidth="2"
            vectorEffect="non-scaling-stroke"
          />
        )}
        {!last && (
          <line
            x1={x}
            x2={x}
            y1="50"
            y2="100"
            stroke="light-dark(#7bb8ab, #3f8577)"
            strokeWidth="2"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <span
        className="timeline-dot"
        style={{
          left: x - 10,
          background: `var(--mantine-color-${look.color}-filled)`,
          color: 'light-dark(#fff, #0b100f)',
        }}
      >
        <look.icon size={12} stroke={2.4} />
      </span>
    </div>
  );
}

function targetOf({ refs }: TimelineEntry): string | undefined {
  if (refs.exceptionId) return `/exceptions/${refs.exceptionId}`;
  if (refs.deliveryId) return `/deliveries/${refs.deliveryId}`;
  return refs.messageId ? `/messages/${refs.messageId}` : undefined;
}

function Words({ entry, laneTitle, isNarrow }: { entry: TimelineEntry; laneTitle: string; isNarrow: boolean }) {
  const look = lookOfEntry(entry);
  const to = targetOf(entry);
  const title = (
    <>
      {entry.direction && <span aria-hidden>{entry.direction === 'in' ? '← ' : '→ '}</span>}
      {/^\w+\./.test(entry.title) ? entry.title : entry.title.charAt(0).toUpperCase() + entry.title.slice(1)}
    </>
  );
  const loud = entry.tone === 'failed' || entry.tone === 'warning';
  return (
    <Text size="sm" py={5} pl={10} pr={6} lh={1.35} style={{ overflowWrap: 'anywhere' }}>
      {isNarrow && (
        <Text size="xs" c="dimmed" component="time" dateTime={entry.at} display="block" title={formatInstant(entry.at)}>
          {formatTime(entry.at)} · {laneTitle}
        </Text>
      )}
      {to ? (
        <Link to={to} className="quiet-link" style={{ fontWeight: loud ? 650 : 500 }}>
          {title}
        </Link>
      ) : (
        <span style={{ fontWeight: loud ? 650 : 500 }}>{title}</span>
      )}
      {look.word && (
        <Text span size="xs" fw={700} c={loud ? 'light-dark(#9a3412, #fdba74)' : 'dimmed'}>
          {' '}
          {look.word}
        </Text>
      )}
      {entry.kind === 'comment' ? (
        <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
          {entry.detail}
        </Text>
      ) : (
        <Text span size="xs" c="dimmed">
          {!isNarrow && <span className="lane-inline"> {laneTitle}</span>}
          {entry.detail ? ` ${entry.detail}` : ''}
        </Text>
      )}
    </Text>
  );
}
