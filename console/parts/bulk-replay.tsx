import { Alert, Button, Card, Group, Modal, Progress, Stack, Text, Textarea } from '@mantine/core';
import { IconPlayerStop, IconRepeat } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import type { DeliverySummary } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';

interface Progression {
  done: number;
  total: number;
  failures: { name: string; message: string }[];
  state: 'running' | 'cancelled' | 'finished';
}

/** A dead letter is replayed; what the other side refused is held, and let go again prepared anew. */
const goesAgain: Partial<Record<DeliverySummary['state'], 'replay' | 'release'>> = { dead: 'replay', held: 'release' };

function routeOf(row: DeliverySummary) {
  return goesAgain[row.state] === 'release' ? 'POST /v1/deliveries/{id}/release' : 'POST /v1/deliveries/{id}/replay';
}

/** Replays one after the other, so that cancelling leaves a clear line between what was replayed and what was not. */
function useReplay() {
  const client = useQueryClient();
  const cancelled = useRef(false);
  const [progress, setProgress] = useState<Progression>();
  const run = async (rows: readonly DeliverySummary[], reason: string): Promise<void> => {
    cancelled.current = false;
    const now: Progression = { done: 0, total: rows.length, failures: [], state: 'running' };
    for (const row of rows) {
      setProgress({ ...now });
      if (cancelled.current) break;
      try {
        await call(routeOf(row), { params: { id: row.id }, body: { reason } });
      } catch (error) {
        now.failures.push({
          name: `${row.operation} to ${row.destination}`,
          message: error instanceof Error ? error.message : String(error),
        });
      }
      now.done += 1;
    }
    setProgress({ ...now, state: cancelled.current ? 'cancelled' : 'finished' });
    for (const key of ['deliveries', 'control-tower', 'timeline', 'exceptions', 'destinations'])
      void client.invalidateQueries({ queryKey: [key] });
  };
  return {
    progress,
    run,
    cancel: () => {
      cancelled.current = true;
    },
    reset: () => setProgress(undefined),
  };
}

interface BulkReplayProps {
  /** The chosen deliveries; only those that can be replayed are. */
  rows: readonly DeliverySummary[];
  onClear(): void;
}

/** The bar under a list with a selection, and the dialog that replays it. */
export function BulkReplay({ rows, onClear }: BulkReplayProps) {
  const [asking, setAsking] = useState(false);
  const replayable = rows.filter((row) => goesAgain[row.state] !== undefined);
  if (rows.length === 0 && !asking) return null;
  return (
    <>
      <Card className="bulk-bar" shadow="md" mt="sm" padding="xs" role="region" aria-label="Selection">
        <Group justify="space-between">
          <Text size="sm">
            <b>{formatCount(rows.length)} selected</b>
            {replayable.length < rows.length && `, ${formatCount(replayable.length)} of them dead letters or held`}
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={onClear}>
              Clear
            </Button>
            <Button
              leftSection={<IconRepeat size={16} />}
              disabled={replayable.length === 0}
              onClick={() => setAsking(true)}
            >
              Replay {formatCount(replayable.length)}
            </Button>
          </Group>
        </Group>
      </Card>
      {asking && (
        <ReplayDialog
          rows={replayable}
          onClose={(done) => {
            setAsking(false);
            if (done) onClear();
          }}
        />
      )}
    </>
  );
}

function ReplayDialog({ rows, onClose }: { rows: readonly DeliverySummary[]; onClose(done: boolean): void }) {
  // What was chosen when the dialog opened; the list behind it goes on changing.
  const [chosen] = useState(rows);
  const [reason, setReason] = useState('');
  const { progress, run, cancel } = useReplay();
  const running = progress?.state === 'running';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(chosen, reason.trim());
  };
  const destinations = [...new Set(chosen.map((row) => row.destination))].join(', ');
  return (
    <Modal
      opened
      onClose={() => !running && onClose(progress !== undefined)}
      title={`Replay ${formatCount(chosen.length)} ${chosen.length === 1 ? 'delivery' : 'deliveries'}`}
      closeButtonProps={{ 'aria-label': 'Close', disabled: running }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            They go to {destinations} again with the same event, key and natural key, one after the other. None
            overtakes what is before it.
          </Text>
          {progress ? (
            <Outcome progress={progress} />
          ) : (
            <Textarea
              label="Reason"
              description="Kept in the audit with your name, once for each."
              required
              minLength={3}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-autofocus
            />
          )}
          <Group justify="flex-end">
            {running ? (
              <Button variant="default" onClick={cancel} leftSection={<IconPlayerStop size={16} />}>
                Stop here
              </Button>
            ) : (
              <Button variant="default" onClick={() => onClose(progress !== undefined)}>
                {progress ? 'Close' : 'Keep as it is'}
              </Button>
            )}
            {!progress && (
              <Button type="submit" disabled={reason.trim().length < 3}>
                Replay
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Outcome({ progress }: { progress: Progression }) {
  const { done, total, failures, state } = progress;
  const word = { running: 'Replaying', cancelled: 'Stopped', finished: 'Done' }[state];
  return (
    <Stack gap="xs">
      <Progress value={(done / Math.max(1, total)) * 100} aria-label="Replayed" animated={state === 'running'} />
      <Text size="sm" role="status">
        {word}: {formatCount(done - failures.length)} of {formatCount(total)} queued again
        {failures.length > 0 ? `, ${formatCount(failures.length)} refused` : ''}
        {state === 'cancelled' ? `, ${formatCount(total - done)} left alone` : ''}
      </Text>
      {failures.slice(0, 5).map((failure, index) => (
        <Alert key={index} color="red" title={failure.name}>
          {failure.message}
        </Alert>
      ))}
    </Stack>
  );
}
