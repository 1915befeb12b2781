import { Button, Card, Group, Select, Text } from '@mantine/core';
import { IconRepeat } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeliverySummary, PlanReplayBody } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { FormDialog } from './form-dialog.tsx';
import { replayModes } from './replay-plan-form.tsx';
import { isReason, ReasonField } from './reason-field.tsx';

/** What a replay can put back: dead letters, what the other side refused, and what had arrived before. */
const replayable: readonly DeliverySummary['state'][] = ['dead', 'held', 'delivered'];

interface BulkReplayProps {
  /** The chosen deliveries; only those that can be replayed are. */
  rows: readonly DeliverySummary[];
  onClear(): void;
}

/** The bar under a list with a selection. It leads to a plan: found, previewed, approved where need be, then run. */
export function BulkReplay({ rows, onClear }: BulkReplayProps) {
  const [asking, setAsking] = useState(false);
  const chosen = rows.filter((row) => replayable.includes(row.state));
  if (rows.length === 0 && !asking) return null;
  return (
    <>
      <Card className="bulk-bar" shadow="md" mt="sm" padding="xs" role="region" aria-label="Selection">
        <Group justify="space-between">
          <Text size="sm">
            <b>{formatCount(rows.length)} selected</b>
            {chosen.length < rows.length && `, ${formatCount(chosen.length)} of them at an end and able to go again`}
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={onClear}>
              Clear
            </Button>
            <Button
              leftSection={<IconRepeat size={16} />}
              disabled={chosen.length === 0}
              onClick={() => setAsking(true)}
            >
              Replay {formatCount(chosen.length)}…
            </Button>
          </Group>
        </Group>
      </Card>
      {asking && <PlanDialog rows={chosen} onClose={() => setAsking(false)} />}
    </>
  );
}

function PlanDialog({ rows, onClose }: { rows: readonly DeliverySummary[]; onClose(): void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  // What was chosen when the dialog opened; the list behind it goes on changing.
  const [chosen] = useState(rows);
  const [reason, setReason] = useState('');
  // What was refused is refused again unless it is made anew.
  const [mode, setMode] = useState<PlanReplayBody['mode']>(
    chosen.some((row) => row.state === 'held') ? 'current' : 'original',
  );
  const plan = useMutation({
    mutationFn: () =>
      call('POST /v1/replays', {
        body: {
          selection: {
            states: [...new Set(chosen.map((row) => row.state))] as NonNullable<PlanReplayBody['selection']['states']>,
            deliveryIds: chosen.map((row) => row.id),
          },
          mode,
          reason: reason.trim(),
        },
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['replays'] });
      void navigate({ to: '/replays/$id', params: { id: made.id } });
    },
  });
  const destinations = [...new Set(chosen.map((row) => row.destination))].join(', ');
  return (
    <FormDialog
      title={`Replay ${formatCount(chosen.length)} ${chosen.length === 1 ? 'delivery' : 'deliveries'}`}
      confirm="Preview"
      incomplete={!isReason(reason)}
      working={plan.isPending}
      error={plan.error?.message}
      onClose={onClose}
      onConfirm={() => plan.mutate()}
    >
      <Text size="sm">
        To {destinations}, with the same event, key and natural key. Nothing is sent yet: the next page shows what would
        go, and starts it.
      </Text>
      <Select
        label="What is sent"
        allowDeselect={false}
        data={replayModes}
        value={mode}
        onChange={(value) => setMode((value ?? 'original') as PlanReplayBody['mode'])}
      />
      <ReasonField value={reason} onChange={setReason} autoFocus />
    </FormDialog>
  );
}
