import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DeliveryDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { useMay } from '../session.tsx';
import { ReasonDialog } from './reason-dialog.tsx';

type Verb = 'replay' | 'discard' | 'release' | 'confirmed' | 'resend';

const verbs: Record<Verb, { label: string; preview: string; danger?: boolean }> = {
  replay: {
    label: 'Replay',
    preview:
      'It is sent again with the same event, key and natural key, so that the other side can recognise it. It never overtakes what is before it.',
  },
  discard: { label: 'Discard', preview: 'It is never sent. What waited behind it goes on.', danger: true },
  release: { label: 'Release', preview: 'It goes back into its queue.' },
  confirmed: { label: 'It arrived', preview: 'It counts as delivered; what waited behind it goes on.' },
  resend: { label: 'It did not arrive: send again', preview: 'It is sent again with the same natural key.' },
};

/** One person may not send these again alone; the hub refuses it in more words, for EDI about stock too. */
const stockHint = 'It is about stock: plan it under Replays instead, where a second person agrees.';

function previewOf(verb: Verb, { operation, entity }: DeliveryDetail): string {
  const isStock = entity?.kind === 'availability' || /^(availability|inventory|stock)\./.test(operation);
  return isStock && verb !== 'discard' && verb !== 'confirmed' ? stockHint : verbs[verb].preview;
}

function useVerbs(delivery: DeliveryDetail): Verb[] {
  const may: Record<Verb, boolean> = {
    replay: useMay('delivery.replay'),
    release: useMay('delivery.replay'),
    discard: useMay('delivery.discard'),
    confirmed: useMay('delivery.resolve'),
    resend: useMay('delivery.resolve'),
  };
  const fitting: Partial<Record<DeliveryDetail['state'], Verb[]>> = {
    outcome_unknown: ['confirmed', 'resend', 'discard'],
    held: ['release', 'discard'],
    dead: ['replay', 'discard'],
    retry_wait: ['discard'],
  };
  return (fitting[delivery.state] ?? []).filter((verb) => may[verb]);
}

/** What a person may do with one delivery; each says what it will do, and asks why. */
export function DeliveryActions({ delivery }: { delivery: DeliveryDetail }) {
  const [verb, setVerb] = useState<Verb>();
  const fitting = useVerbs(delivery);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: ({ verb: chosen, reason }: { verb: Verb; reason: string }) => {
      const params = { id: delivery.id };
      if (chosen === 'confirmed' || chosen === 'resend')
        return call('POST /v1/deliveries/{id}/resolve', { params, body: { resolution: chosen, reason } });
      return call(`POST /v1/deliveries/{id}/${chosen}`, { params, body: { reason } });
    },
    onSuccess: () => {
      for (const key of ['deliveries', 'timeline', 'control-tower', 'exceptions'])
        void client.invalidateQueries({ queryKey: [key] });
      setVerb(undefined);
    },
  });
  return (
    <>
      {fitting.map((name, index) => (
        <Button key={name} variant={index === 0 ? 'filled' : 'default'} onClick={() => setVerb(name)}>
          {verbs[name].label}
        </Button>
      ))}
      {verb && (
        <ReasonDialog
          opened
          title={verbs[verb].label}
          preview={previewOf(verb, delivery)}
          confirm={verbs[verb].label}
          danger={verbs[verb].danger ?? false}
          working={act.isPending}
          error={act.error?.message}
          onClose={() => setVerb(undefined)}
          onConfirm={(reason) => act.mutate({ verb, reason })}
        />
      )}
    </>
  );
}
