import { Alert, Badge, Button, Group, NumberInput, Text } from '@mantine/core';
import { IconDoorOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { IntakeView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { isStale } from '../http.ts';
import { useMay } from '../session.tsx';
import type { Amount } from './destination-draft.ts';
import { FormDialog } from './form-dialog.tsx';
import { isReason, ReasonField } from './reason-field.tsx';

/** Whether anything new is taken in, how much is open, and beyond how much the doors close. */
export function IntakeDoors() {
  const [edited, setEdited] = useState<IntakeView>();
  const may = useMay('destination.configure');
  const intake = useQuery({ queryKey: ['intake'], queryFn: () => call('GET /v1/intake'), refetchInterval: 5_000 });
  if (!intake.data) return null;
  const { closed, openDeliveries, openMaxInForce, openMax } = intake.data;
  return (
    <>
      {closed && (
        <Alert color="red" title="The doors are closed" icon={<IconDoorOff size={18} />} mb="sm" role="alert">
          Nothing new is taken in: {closed}. Senders are answered 503 and come again; what is inside goes on.
        </Alert>
      )}
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <Badge color={closed ? 'red' : 'green'} variant="light" tt="none" fw={600}>
            {closed ? 'Closed' : 'Open'}
          </Badge>
          <Text size="sm">
            {formatCount(openDeliveries)} open deliveries; beyond {formatCount(openMaxInForce)} nothing new is taken in
            {openMax === undefined ? ' (as the hub’s settings say)' : ''}.
          </Text>
        </Group>
        {may && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setEdited(intake.data)}
            aria-label="Edit the bound of open deliveries"
          >
            Edit
          </Button>
        )}
      </Group>
      {edited && <EditBound row={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function EditBound({ row, onClose }: { row: IntakeView; onClose(): void }) {
  const [openMax, setOpenMax] = useState<Amount>(row.openMax ?? '');
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      call('PUT /v1/intake', {
        version: row.version,
        body: { ...(openMax === '' ? {} : { openMax }), reason: reason.trim() },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['intake'] });
      onClose();
    },
  });
  return (
    <FormDialog
      title="Bound of open deliveries"
      confirm="Save"
      incomplete={!isReason(reason)}
      working={save.isPending}
      error={
        isStale(save.error) ? 'Somebody has changed it meanwhile. Close this and look again.' : save.error?.message
      }
      onClose={onClose}
      onConfirm={() => save.mutate()}
    >
      <NumberInput
        label="Open deliveries at most"
        description="Of this company, over all destinations. Empty: what the hub’s settings say. It holds within seconds."
        placeholder="as the hub’s settings say"
        allowNegative={false}
        allowDecimal={false}
        thousandSeparator=","
        min={1}
        max={100_000_000}
        value={openMax}
        onChange={(value) => setOpenMax(value === '' ? '' : Number(value))}
        data-autofocus
      />
      <ReasonField value={reason} onChange={setReason} />
    </FormDialog>
  );
}
