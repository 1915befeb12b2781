import { Alert, Anchor, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../api.ts';
import { formatCount, formatInstant } from '../format.ts';

export function useReconciliation() {
  return useQuery({
    queryKey: ['reconciliation'],
    queryFn: () => call('GET /v1/reconciliation'),
    refetchInterval: 60_000,
  });
}

/** On every page while the hub knows less than the world does: nothing is sent until it was compared. */
export function ReconcileBanner() {
  const state = useReconciliation().data;
  if (!state?.active) return null;
  const paused = state.paused?.length ?? 0;
  return (
    <Alert
      color="orange"
      icon={<IconHistory size={18} />}
      mb="md"
      title="Reconcile mode: nothing is sent"
      role="status"
    >
      <Text size="sm">
        The database was put back{state.backupTakenAt ? ` to ${formatInstant(state.backupTakenAt)}` : ''}. What happened
        since is unknown here: {formatCount(paused)} {paused === 1 ? 'connection is' : 'connections are'} paused and the
        outcome of {formatCount(state.doubted ?? 0)} {state.doubted === 1 ? 'delivery' : 'deliveries'} is in doubt.{' '}
        <Anchor component={Link} to="/reconcile" inherit fw={600} underline="always">
          Compare and resume
        </Anchor>
      </Text>
    </Alert>
  );
}
