import { Badge, Text, Tooltip } from '@mantine/core';
import { IconClock, IconClockExclamation } from '@tabler/icons-react';
import { formatDurationMs, formatInstant } from '../format.ts';

/** Time left on a clock, or how long it is overdue: words and shape, not colour alone. */
export function DueBadge({ dueAt, resolved }: { dueAt: string | undefined; resolved?: boolean }) {
  if (!dueAt || resolved)
    return (
      <Text c="dimmed" size="sm">
        –
      </Text>
    );
  const leftMs = Date.parse(dueAt) - Date.now();
  const late = leftMs < 0;
  return (
    <Tooltip label={formatInstant(dueAt)}>
      <Badge
        variant={late ? 'filled' : 'light'}
        color={late ? 'red' : leftMs < 900_000 ? 'orange' : 'gray'}
        tt="none"
        miw="max-content"
        leftSection={late ? <IconClockExclamation size={13} /> : <IconClock size={13} />}
      >
        {late ? `${formatDurationMs(-leftMs)} late` : `in ${formatDurationMs(leftMs)}`}
      </Badge>
    </Tooltip>
  );
}
