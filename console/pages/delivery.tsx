import { Alert, Anchor, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeliveryDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatDurationMs, formatInstant } from '../format.ts';
import { PageHeader } from '../parts/page-header.tsx';
import { Payload } from '../parts/payload.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { deliveryRoute } from '../router.tsx';
import { useMay } from '../session.tsx';

export function DeliveryPage() {
  const { id } = deliveryRoute.useParams();
  const query = useQuery({
    queryKey: ['deliveries', id],
    queryFn: () => call('GET /v1/deliveries/{id}', { params: { id } }),
    refetchInterval: 5_000,
  });
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Loading rows={8} />;
  return <Detail delivery={query.data} />;
}

function Detail({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <>
      <PageHeader
        title={`${delivery.operation} to ${delivery.destination}`}
        subtitle={
          <Group gap={8}>
            <StateBadge state={delivery.state} />
            <span className="mono">{delivery.id}</span>
          </Group>
        }
      >
        <Actions delivery={delivery} />
      </PageHeader>
      <Stack gap="md">
        {delivery.lastError && delivery.state !== 'delivered' && (
          <Alert color="red" title="Last word from the other side">
            {delivery.lastError}
          </Alert>
        )}
        {delivery.state === 'outcome_unknown' && (
          <Alert color="orange" title="Nobody knows whether it arrived">
            The request left, and no clear answer came back. Look in {delivery.destination} for{' '}
            {delivery.naturalKey ?? 'it'}, then say what you found.
          </Alert>
        )}
        <Card>
          <Title order={2} mb="sm">
            Attempts
          </Title>
          {delivery.attemptLog.length === 0 && (
            <Text c="dimmed" size="sm">
              Not tried yet.
            </Text>
          )}
          <Table aria-label="Attempts">
            <Table.Tbody>
              {delivery.attemptLog.map((attempt) => (
                <Table.Tr key={attempt.id}>
                  <Table.Td>#{attempt.attempt}</Table.Td>
                  <Table.Td>
                    <StateBadge state={attempt.state} />
                  </Table.Td>
                  <Table.Td>{formatInstant(attempt.startedAt)}</Table.Td>
                  <Table.Td ta="right">
                    {attempt.durationMs === undefined ? '–' : formatDurationMs(attempt.durationMs)}
                  </Table.Td>
                  <Table.Td>
                    <span className="mono" style={{ overflowWrap: 'anywhere' }}>
                      {attempt.outcome ? JSON.stringify(attempt.outcome).slice(0, 400) : ''}
                    </span>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Card>
        <Card>
          <Title order={2} mb="sm">
            What it refers to
          </Title>
          <Group gap="md" mb="xs">
            {delivery.entity?.kind === 'order' && (
              <Anchor component={Link} to={`/orders/${delivery.entity.id}`} size="sm">
                The order
              </Anchor>
            )}
            {delivery.outputMessageId && (
              <Anchor component={Link} to={`/messages/${delivery.outputMessageId}`} size="sm">
                The bytes that were sent
              </Anchor>
            )}
            {delivery.outsideId && (
              <Text size="sm">
                There it is called <span className="mono">{delivery.outsideId}</span>
              </Text>
            )}
            {delivery.naturalKey && (
              <Text size="sm">
                Natural key <span className="mono">{delivery.naturalKey}</span>
              </Text>
            )}
          </Group>
          <Payload label="Reference" value={delivery.payload} />
        </Card>
      </Stack>
    </>
  );
}

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

function verbsOf(delivery: DeliveryDetail): Verb[] {
  if (delivery.state === 'outcome_unknown') return ['confirmed', 'resend', 'discard'];
  if (delivery.state === 'held') return ['release', 'discard'];
  if (delivery.state === 'dead') return ['replay', 'discard'];
  return delivery.state === 'retry_wait' ? ['discard'] : [];
}

function Actions({ delivery }: { delivery: DeliveryDetail }) {
  const [verb, setVerb] = useState<Verb>();
  const may = useMay('delivery.replay');
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: ({ verb: chosen, reason }: { verb: Verb; reason: string }) => {
      const params = { id: delivery.id };
      if (chosen === 'confirmed' || chosen === 'resend')
        return call('POST /v1/deliveries/{id}/resolve', { params, body: { resolution: chosen, reason } });
      return call(`POST /v1/deliveries/{id}/${chosen}`, { params, body: { reason } });
    },
    onSuccess: () => {
      for (const key of ['deliveries', 'timeline', 'control-tower']) void client.invalidateQueries({ queryKey: [key] });
      setVerb(undefined);
    },
  });
  if (!may) return null;
  return (
    <>
      {verbsOf(delivery).map((name, index) => (
        <Button key={name} variant={index === 0 ? 'filled' : 'default'} onClick={() => setVerb(name)}>
          {verbs[name].label}
        </Button>
      ))}
      {verb && (
        <ReasonDialog
          opened
          title={verbs[verb].label}
          preview={verbs[verb].preview}
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
