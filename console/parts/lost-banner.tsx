import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { formatTime } from '../format.ts';
import { useLostSince } from '../live.ts';

/** What is on the page is as old as the connection: said at every width, and before anybody acts on it. */
export function LostBanner() {
  const since = useLostSince();
  if (since === undefined) return null;
  return (
    <Alert color="red" mb="md" role="alert" icon={<IconPlugConnectedX size={18} />} title="Not connected to the hub">
      Since {formatTime(since.toISOString())} nothing new has come in: what you see may be old. It connects again by
      itself.
    </Alert>
  );
}
