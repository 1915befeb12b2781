import { Button, MultiSelect, Text } from '@mantine/core';
import { IconHandStop, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { OrderView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { useMay } from '../session.tsx';
import { EffectsPreview, wordsOfRefusal } from './effects-preview.tsx';
import { FormDialog } from './form-dialog.tsx';
import { isReason, ReasonField } from './reason-field.tsx';
import { usePreviewed } from './use-previewed.ts';

const touches = ['orders', 'timeline', 'exceptions', 'control-tower', 'inventory', 'deliveries'];
const over = ['cancelled', 'shipped', 'delivered', 'returned'];
const byHand = ({ code }: { code: string }): boolean => code === 'MANUAL_HOLD';

type Deed = 'hold' | 'release-hold';

/** Hold what has not been released of an order, and let it go again. */
export function HoldOrder({ order }: { order: OrderView }) {
  const [asking, setAsking] = useState<Deed>();
  const may = useMay('order.hold');
  if (!may) return null;
  const held = order.holds.some(byHand) || order.lines.some((line) => line.holds.some(byHand));
  const done = over.includes(order.status.milestone);
  return (
    <>
      {held && (
        <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => setAsking('release-hold')}>
          Release hold
        </Button>
      )}
      {!done && !order.holds.some(byHand) && (
        <Button variant="default" leftSection={<IconHandStop size={16} />} onClick={() => setAsking('hold')}>
          Hold
        </Button>
      )}
      {asking && <HoldDialog order={order} deed={asking} onClose={() => setAsking(undefined)} />}
    </>
  );
}

const texts = {
  hold: {
    title: 'Hold',
    confirm: 'Hold it',
    all: 'The whole order',
    what: 'For an order that is to wait until somebody releases it: nothing else ends this hold.',
  },
  'release-hold': {
    title: 'Release',
    confirm: 'Release the hold',
    all: 'All that is held by hand',
    what: 'It goes on where it stood. What else holds it is released by its exception.',
  },
};

function HoldDialog({ order, deed, onClose }: { order: OrderView; deed: Deed; onClose(): void }) {
  const { id, orderNo, version } = order;
  const [reason, setReason] = useState('');
  const [lines, setLines] = useState<number[]>([]);
  // An order that walks on while somebody writes the reason is to be held all the more.
  const at = { params: { id }, version: '*' } as const;
  const run = (preview: boolean, why: string) => {
    const body = { reason: why, preview, ...(lines.length > 0 ? { lines } : {}) };
    return deed === 'hold'
      ? call('POST /v1/orders/{id}/hold', { ...at, body })
      : call('POST /v1/orders/{id}/release-hold', { ...at, body });
  };
  const { preview, act } = usePreviewed({
    queryKey: [deed, id, version, lines],
    preview: () => run(true, 'preview'),
    act: (why) => run(false, why),
    touches,
    onDone: onClose,
  });
  const { title, confirm, what, all } = texts[deed];
  const choices = order.lines.filter((line) => line.holds.some(byHand) === (deed === 'release-hold'));
  return (
    <FormDialog
      title={`${title} ${orderNo}`}
      confirm={confirm}
      size="lg"
      incomplete={!isReason(reason) || preview.isError || preview.data === undefined}
      working={act.isPending}
      error={act.error ? wordsOfRefusal(act.error) : undefined}
      onClose={onClose}
      onConfirm={() => act.mutate(reason.trim())}
    >
      <Text size="sm">{what}</Text>
      {choices.length > 0 && order.lines.length > 1 && (
        <MultiSelect
          label="Lines"
          placeholder={lines.length === 0 ? all : undefined}
          data={choices.map((line) => ({
            value: String(line.lineNo),
            label: `${line.lineNo}: ${line.ordered.value} ${line.ordered.uom} ${line.sku}`,
          }))}
          value={lines.map(String)}
          onChange={(values) => setLines(values.map(Number))}
          searchable
          clearable
          limit={50}
        />
      )}
      <EffectsPreview effects={preview.data?.effects} error={preview.error} />
      <ReasonField value={reason} onChange={setReason} autoFocus />
    </FormDialog>
  );
}
