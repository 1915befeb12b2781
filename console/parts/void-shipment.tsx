import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconTruckOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Shipment } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { isStale } from '../http.ts';
import { useMay } from '../session.tsx';
import { Dialog } from './dialog.tsx';
import { EffectsPreview, wordsOfRefusal } from './effects-preview.tsx';
import { isReason, ReasonField } from './reason-field.tsx';

const stale = ['orders', 'timeline', 'control-tower', 'inventory', 'exceptions', 'deliveries'];

/** For a shipment that never left and whose warehouse or carrier cannot say so itself. */
export function VoidShipment({ shipment }: { shipment: Shipment }) {
  const [asking, setAsking] = useState(false);
  const may = useMay('shipment.void');
  if (!may || shipment.voidedAt !== undefined) return null;
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconTruckOff size={15} />}
        onClick={() => setAsking(true)}
        aria-label={`Void ${shipment.shipmentNo}`}
      >
        Void
      </Button>
      {asking && <VoidDialog shipment={shipment} onClose={() => setAsking(false)} />}
    </>
  );
}

function VoidDialog({ shipment, onClose }: { shipment: Shipment; onClose(): void }) {
  const { id, shipmentNo, version } = shipment;
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const run = (preview: boolean, why: string) =>
    call('POST /v1/shipments/{id}/void', { params: { id }, version, body: { reason: why, preview } });
  const preview = useQuery({
    queryKey: ['preview', 'void', id, version],
    queryFn: () => run(true, 'preview'),
    retry: false,
    gcTime: 0,
  });
  const refresh = () => {
    for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
  };
  const act = useMutation({
    mutationFn: () => run(false, reason.trim()),
    onSuccess: () => {
      refresh();
      onClose();
    },
    onError: (error) => {
      if (isStale(error)) refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  return (
    <Dialog onClose={onClose} title={`Void shipment ${shipmentNo}`} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            For a shipment that was reported and never left. It cannot be undone; what leaves later is a shipment of its
            own.
          </Text>
          <EffectsPreview effects={preview.data?.effects} error={preview.error} />
          {!preview.isError && <ReasonField value={reason} onChange={setReason} autoFocus />}
          {act.error && (
            <Alert color="red" role="alert">
              {wordsOfRefusal(act.error)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep as it is
            </Button>
            {!preview.isError && (
              <Button
                type="submit"
                color="red"
                loading={act.isPending}
                disabled={!isReason(reason) || preview.data === undefined}
              >
                Void the shipment
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
