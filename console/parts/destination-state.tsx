import { Badge, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconClockPause,
  IconHandStop,
  IconPlayerPause,
  IconPlugConnectedX,
  IconRefresh,
  IconStethoscope,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { ControlTower } from '../../src/api/contract.ts';
import { formatAge, formatDurationMs, formatTime } from '../format.ts';

export type DestinationRow = ControlTower['destinations'][number];

interface Look {
  label: string;
  color: string;
  icon: typeof IconCheck;
}

/** In the order in which they matter: what a person has done, what the calendar says, what the system does. */
function lookOf(row: DestinationRow): Look {
  const { breaker } = row;
  if (row.paused) return { label: 'Paused', color: 'yellow', icon: IconPlayerPause };
  if (row.inWindow) return { label: 'Maintenance window', color: 'yellow', icon: IconClockPause };
  if (breaker?.held) return { label: 'Held open', color: 'yellow', icon: IconHandStop };
  if (breaker?.state === 'open') return { label: 'Down: breaker open', color: 'red', icon: IconPlugConnectedX };
  if (breaker?.state === 'half_open') return { label: 'Probing', color: 'orange', icon: IconStethoscope };
  if (row.health?.ok === false) return { label: 'Unhealthy', color: 'orange', icon: IconAlertTriangle };
  if (row.retrying > 0) return { label: 'Retrying', color: 'orange', icon: IconRefresh };
  return { label: 'Delivering', color: 'green', icon: IconCheck };
}

const reasons: Readonly<Record<string, string>> = {
  unreachable: 'no connection',
  timeout: 'no answer in time',
  unavailable: 'unavailable',
  server_error: 'server error',
  broken_reply: 'broken replies',
  auth: 'our credentials are refused',
  health: 'its health check fails',
};

/** State of a destination in words, colour and shape, with what explains it. */
export function DestinationState({ row }: { row: DestinationRow }) {
  const look = lookOf(row);
  return (
    <>
      <Badge color={look.color} variant="light" tt="none" fw={600} leftSection={<look.icon size={13} />}>
        {look.label}
      </Badge>
      {row.paused && row.pausedReason && <Detail text={row.pausedReason} />}
      {!row.paused && row.breaker && <BreakerDetail breaker={row.breaker} />}
      {!row.paused && !row.breaker && row.health?.ok === false && <Detail text={row.health.detail} />}
    </>
  );
}

function Detail({ text }: { text: string }) {
  return (
    <Text size="xs" c="dimmed" truncate title={text}>
      {text}
    </Text>
  );
}

function BreakerDetail({ breaker }: { breaker: NonNullable<DestinationRow['breaker']> }) {
  if (breaker.held) return <Detail text={`${breaker.heldBy ?? 'somebody'}: ${breaker.heldReason ?? ''}`} />;
  const why = breaker.lastReason === undefined ? '' : (reasons[breaker.lastReason] ?? breaker.lastReason);
  const since = breaker.openedAt ?? breaker.since;
  return (
    <>
      <Detail text={`for ${formatAge(since)}, since ${formatTime(since)}`} />
      {why !== '' && <Detail text={breaker.lastError ? `${why}: ${breaker.lastError}` : why} />}
      {breaker.nextProbeAt && <NextProbe at={breaker.nextProbeAt} />}
    </>
  );
}

/** Counts down, so that nobody wonders whether anything is still going on. */
function NextProbe({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const leftMs = Date.parse(at) - now;
  return <Detail text={leftMs > 1_000 ? `next probe in ${formatDurationMs(leftMs)}` : 'being probed now'} />;
}
