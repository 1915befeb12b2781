import { Alert, Anchor, Badge, Button, Card, Divider, Grid, Group, Stack, Text, Timeline, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ExceptionDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant, words } from '../format.ts';
import { ActionDialog } from '../parts/action-dialog.tsx';
import type { ExceptionAction } from '../parts/action-fields.tsx';
import { useNameOf } from '../parts/assignees.tsx';
import { DueBadge } from '../parts/due-badge.tsx';
import { ExceptionSide } from '../parts/exception-side.tsx';
import { type Fact, Facts } from '../parts/facts.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Payload } from '../parts/payload.tsx';
import { Section } from '../parts/section.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { useMay } from '../session.tsx';

const exceptionRoute = getRouteApi('/exceptions/$id');

export function ExceptionPage() {
  const { id } = exceptionRoute.useParams();
  const query = useQuery({
    queryKey: ['exceptions', id],
    queryFn: () => call('GET /v1/exceptions/{id}', { params: { id } }),
  });
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Loading rows={8} />;
  return <Detail exception={query.data} />;
}

function Detail({ exception }: { exception: ExceptionDetail }) {
  const resolved = exception.state === 'resolved';
  return (
    <>
      <PageHeader
        title={exception.title}
        subtitle={
          <Group gap={8}>
            <StateBadge state={exception.severity} label={`${words(exception.severity)} severity`} />
            <StateBadge state={exception.state} />
            <Badge variant="default" tt="none">
              {words(exception.class)}
            </Badge>
            <DueBadge dueAt={exception.dueAt} resolved={resolved} />
            <span className="mono">{exception.code}</span>
          </Group>
        }
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="md">
            <Section title="What happened">
              <Text>{exception.cause}</Text>
              <Text size="sm" c="dimmed" mt="xs">
                {exception.explanation}
              </Text>
            </Section>
            {resolved ? <Resolved exception={exception} /> : <WhatToDo exception={exception} />}
            <History exception={exception} />
            <DataFacts data={exception.data} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <ExceptionSide exception={exception} />
        </Grid.Col>
      </Grid>
    </>
  );
}

function Resolved({ exception }: { exception: ExceptionDetail }) {
  const nameOf = useNameOf();
  const by = exception.resolvedBy ? ` by ${nameOf(exception.resolvedBy)}` : '';
  return (
    <Alert color="green" title={`Resolved ${formatAge(exception.resolvedAt)} ago${by}`}>
      {exception.resolution}
      {exception.outcomeRefs && (
        <Group gap="sm" mt={4}>
          {exception.outcomeRefs.map((ref) => (
            <Outcome key={ref.id} outcome={ref} />
          ))}
        </Group>
      )}
    </Alert>
  );
}

const pages: Readonly<Record<string, string>> = { order: '/orders', message: '/messages', delivery: '/deliveries' };

/** What its end has made. */
function Outcome({ outcome: { kind, id, label } }: { outcome: NonNullable<ExceptionDetail['outcomeRefs']>[number] }) {
  const text = `${words(kind)} ${label ?? id}`;
  const page = pages[kind];
  if (page === undefined) return <Text size="sm">{text}</Text>;
  return (
    <Anchor component={Link} to={`${page}/${id}`} size="sm" fw={600}>
      {text}
    </Anchor>
  );
}

/** Deeds that are about the record rather than about its cause. */
const aside = new Set(['assign', 'snooze', 'note', 'resolve']);

function WhatToDo({ exception }: { exception: ExceptionDetail }) {
  const [action, setAction] = useState<ExceptionAction>();
  const may = useMay('exception.act');
  const offered = may ? exception.actions : [];
  const remedies = offered.filter((item) => !aside.has(item.action));
  const others = offered.filter((item) => aside.has(item.action));
  return (
    <Card style={{ borderLeft: '4px solid var(--mantine-primary-color-filled)' }}>
      <Title order={2} mb={4}>
        What to do
      </Title>
      {exception.suggestedFix && <Text mb="sm">{exception.suggestedFix}</Text>}
      <Group gap="xs">
        {remedies.map((item, index) => (
          <Button
            key={item.action}
            variant={index === 0 ? 'filled' : 'default'}
            onClick={() => setAction(item)}
            title={item.description}
          >
            {item.label}
          </Button>
        ))}
      </Group>
      {remedies.length === 0 && (
        <Text size="sm" c="dimmed">
          {may ? 'It closes by itself when its cause is gone.' : 'Your role may look but not act here.'}
        </Text>
      )}
      {others.length > 0 && <Divider my="sm" />}
      <Group gap="xs">
        {others.map((item) => (
          <Button
            key={item.action}
            variant="subtle"
            size="compact-sm"
            onClick={() => setAction(item)}
            title={item.description}
          >
            {item.label}
          </Button>
        ))}
      </Group>
      {action && <ActionDialog exception={exception} action={action} onClose={() => setAction(undefined)} />}
    </Card>
  );
}

function History({ exception }: { exception: ExceptionDetail }) {
  const nameOf = useNameOf();
  const entries = [
    { at: exception.openedAt, actor: 'the hub', action: 'opened', reason: undefined },
    ...exception.history,
    ...(exception.resolvedAt
      ? [
          {
            at: exception.resolvedAt,
            actor: exception.resolvedBy ?? 'the hub',
            action: 'resolved',
            reason: exception.resolution,
          },
        ]
      : []),
  ];
  return (
    <Section title="History">
      <Timeline bulletSize={14} lineWidth={2}>
        {entries.map((entry, index) => (
          <Timeline.Item
            key={`${entry.at}-${index}`}
            title={
              <Text size="sm">
                {words(entry.action.replace(/^exception\./, ''))}{' '}
                <Text span c="dimmed" size="sm">
                  by {nameOf(entry.actor)}, {formatInstant(entry.at)}
                </Text>
              </Text>
            }
          >
            {entry.reason && <Text size="sm">{entry.reason}</Text>}
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}

/** What the page says elsewhere, or leads to. */
const notFacts = new Set(['causeKey', 'documentId', 'messageId', 'deliveryId']);

/** Instants as people read them, with how long ago they were. */
function factText(value: unknown): string {
  const text = String(value);
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return text;
  return Date.parse(text) < Date.now() ? `${formatInstant(text)} (${formatAge(text)} ago)` : formatInstant(text);
}

/** What the hub knows about this one: plain values as facts, anything deeper as text. */
function DataFacts({ data }: { data: unknown }) {
  if (typeof data !== 'object' || data === null) return null;
  const entries = Object.entries(data).filter(([key]) => !notFacts.has(key));
  if (entries.length === 0) return null;
  const plain = entries.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  const deep = entries.filter(([, value]) => typeof value === 'object' && value !== null);
  return (
    <Section title="Facts">
      <Facts cols={3} facts={plain.map(([key, value]): Fact => [words(key), factText(value)])} />
      {deep.length > 0 && (
        <div style={{ marginTop: plain.length > 0 ? 12 : 0 }}>
          <Payload label="In full" value={Object.fromEntries(deep)} />
        </div>
      )}
    </Section>
  );
}
