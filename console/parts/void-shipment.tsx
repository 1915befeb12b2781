import { Button, Text } from '@mantine/core';
import { IconTruckOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { Shipment } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { useMay } from '../session.tsx';
import { EffectsPreview, wordsOfRefusal } from './effects-preview.tsx';
import { FormDialog } from './form-dialog.tsx';
import { isReason, ReasonField } from './reason-field.tsx';
import { usePreviewed } from './use-previewed.ts';

const touches = ['orders', 'timeline', 'control-tower', 'inventory', 'exceptions', 'deliveries'];

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
  const [reason, setReason] = useState('');
  const run = (preview: boolean, why: string) =>
    call('POST /v1/shipments/{id}/void', { params: { id }, version, body: { reason: why, preview } });
  const { preview, act } = usePreviewed({
    queryKey: ['void', id, version],
    preview: () => run(true, 'preview'),
    act: (why) => run(false, why),
    touches,
    onDone: onClose,
  });
  return (
    <FormDialog
      title={`Void shipment ${shipmentNo}`}
      confirm="Void the shipment"
      danger
      size="lg"
      incomplete={!isReason(reason) || preview.isError || preview.data === undefined}
      working={act.isPending}
      error={act.error ? wordsOfRefusal(act.error) : undefined}
      onClose={onClose}
      onConfirm={() => act.mutate(reason.trim())}
    >
      <Text size="sm">
        For a shipment that was reported and never left. It cannot be undone; what leaves later is a shipment of its
        own.
      </Text>
      <EffectsPreview effects={preview.data?.effects} error={preview.error} />
      {!preview.isError && <ReasonField value={reason} onChange={setReason} autoFocus />}
    </FormDialog>
  );
}
