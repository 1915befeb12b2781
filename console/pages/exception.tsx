import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Grid,
  Group,
  List,
  Modal,
  Stack,
  Text,
  Textarea,
  TextInput,
  Timeline,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { ExceptionDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatCount, formatInstant, formatMoney, words } from '../format.ts';
import { DueBadge } from '../parts/due-badge.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Payload } from '../parts/payload.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { exceptionRoute } from '../router.tsx';

type Action = ExceptionDetail['actions'][number];

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
  const [action, setAction] = useState<Action>();
  const resolved = exception.state === 'resolved';
  return (
    <>
      <PageHeader
        title={exception.title}
        subtitle={
          <Group gap={8}>
            <StateBadge state={exception.severity} />
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
            <Card>
              <Title order={2} mb={4}>
                What happened
              </Title>
              <Text>{exception.cause}</Text>
              <Text size="sm" c="dimmed" mt="xs">
                {exception.explanation}
              </Text>
            </Card>
            {resolved ? (
              <Alert
                color="green"
                title={`Resolved ${formatAge(exception.resolvedAt)} ago${exception.resolvedBy ? ` by ${exception.resolvedBy}` : ''}`}
              >
                {exception.resolution}
              </Alert>
            ) : (
              <Card>
                <Title order={2} mb={4}>
                  What to do
                </Title>
                {exception.suggestedFix && <Text mb="sm">{exception.suggestedFix}</Text>}
                <Group gap="xs">
                  {exception.actions.map((item, index) => (
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
                {exception.actions.length === 0 && (
                  <Text size="sm" c="dimmed">
                    It closes by itself when its cause is gone.
                  </Text>
                )}
              </Card>
            )}
            <Card>
              <Title order={2} mb="sm">
                History
              </Title>
              <Timeline bulletSize={14} lineWidth={2}>
                {exception.history.map((entry, index) => (
                  <Timeline.Item
                    key={`${entry.at}-${index}`}
                    title={
                      <Text size="sm">
                        {words(entry.action)}{' '}
                        <Text span c="dimmed" size="sm">
                          by {entry.actor}
                        </Text>
                      </Text>
                    }
                  >
                    {entry.reason && <Text size="sm">{entry.reason}</Text>}
                    <Text size="xs" c="dimmed">
                      {formatInstant(entry.at)}
                    </Text>
                  </Timeline.Item>
                ))}
              </Timeline>
            </Card>
            {exception.data !== undefined && exception.data !== null && (
              <Card>
                <Title order={2} mb="sm">
                  Facts
                </Title>
                <Payload label="Facts" value={exception.data} />
              </Card>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Side exception={exception} />
        </Grid.Col>
      </Grid>
      {action && <ActionDialog exception={exception} action={action} onClose={() => setAction(undefined)} />}
    </>
  );
}

function Side({ exception }: { exception: ExceptionDetail }) {
  const impact = exception.impact;
  const facts: [string, string][] = [
    ['Owner', words(exception.ownerRole)],
    ['Assigned to', exception.assignee ?? 'nobody yet'],
    ['Caused by', exception.blamedSystem ? words(exception.blamedSystem) : 'not known'],
    ['Orders waiting', formatCount(impact.orders)],
    ['Money at risk', impact.money.map((sum) => formatMoney(sum.minor, sum.currency)).join(' + ') || formatMoney(0)],
    ['Deliveries waiting', formatCount(impact.waitingDeliveries)],
    ['Same cause', impact.siblings === 0 ? 'no other exception' : `${impact.siblings} more, freed by the same fix`],
    ['Opened', `${formatInstant(exception.openedAt)} (${formatAge(exception.openedAt)} ago)`],
  ];
  return (
    <Stack gap="md">
      <Card>
        <Title order={2} mb="sm">
          Impact
        </Title>
        <Stack gap={8} component="dl" m={0}>
          {facts.map(([label, value]) => (
            <div key={label}>
              <Text component="dt" size="xs" c="dimmed" fw={600}>
                {label}
              </Text>
              <Text component="dd" m={0} size="sm">
                {value}
              </Text>
            </div>
          ))}
        </Stack>
      </Card>
      <Card>
        <Title order={2} mb="sm">
          Leads to
        </Title>
        <Stack gap={4}>
          {exception.orderId && (
            <Anchor component={Link} to={`/orders/${exception.orderId}`} size="sm">
              The order, on its timeline
            </Anchor>
          )}
          {exception.messageId && (
            <Anchor component={Link} to={`/messages/${exception.messageId}`} size="sm">
              The message: raw, canonical, output
            </Anchor>
          )}
          {exception.deliveryId && (
            <Anchor component={Link} to={`/deliveries/${exception.deliveryId}`} size="sm">
              The delivery and its attempts
            </Anchor>
          )}
          {exception.entityRefs.map((ref) => (
            <Text key={`${ref.kind}-${ref.id}`} size="sm">
              {words(ref.kind)}: <span className="mono">{ref.label ?? ref.id}</span>
            </Text>
          ))}
        </Stack>
      </Card>
    </Stack>
  );
}

interface InputField {
  name: string;
  title: string;
  required: boolean;
  description?: string;
  values?: string[];
  type: string;
}

/** The action's JSON Schema as form fields. */
function fieldsOf(action: Action): InputField[] {
  const schema = action.input as
    | {
        properties?: Record<string, { title?: string; description?: string; enum?: string[]; type?: string }>;
        required?: string[];
      }
    | undefined;
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    title: property.title ?? words(name.replace(/([A-Z])/g, '_$1')),
    required: schema?.required?.includes(name) ?? false,
    type: property.type ?? 'string',
    ...(property.description ? { description: property.description } : {}),
    ...(property.enum ? { values: property.enum } : {}),
  }));
}

function ActionDialog({ exception, action, onClose }: { exception: ExceptionDetail; action: Action; onClose(): void }) {
  const fields = fieldsOf(action);
  const suggested = (exception.data ?? {}) as Record<string, unknown>;
  const [reason, setReason] = useState('');
  const [input, setInput] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      fields.flatMap((field) =>
        typeof suggested[field.name] === 'string' ? [[field.name, String(suggested[field.name])]] : [],
      ),
    ),
  );
  const client = useQueryClient();
  const body = (preview: boolean) => ({
    action: action.action,
    reason: reason.trim() || 'preview',
    ...(fields.length > 0 ? { input: typed(fields, input) } : {}),
    preview,
  });
  const run = (preview: boolean) =>
    call('POST /v1/exceptions/{id}/actions', {
      params: { id: exception.id },
      body: body(preview),
      version: exception.version,
    });
  const preview = useMutation({ mutationFn: () => run(true) });
  const act = useMutation({
    mutationFn: () => run(false),
    onSuccess: () => {
      for (const key of ['exceptions', 'orders', 'timeline', 'control-tower', 'messages'])
        void client.invalidateQueries({ queryKey: [key] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview.data) act.mutate();
    else preview.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={action.label} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack>
          {action.description && <Text size="sm">{action.description}</Text>}
          {fields.map((field) => (
            <TextInput
              key={field.name}
              label={field.title}
              description={field.values ? `One of ${field.values.join(', ')}` : field.description}
              required={field.required}
              value={input[field.name] ?? ''}
              onChange={(event) => {
                setInput({ ...input, [field.name]: event.currentTarget.value });
                preview.reset();
              }}
            />
          ))}
          <Textarea
            label="Reason"
            description="Kept in the audit with your name."
            required
            minLength={3}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
            autosize
            minRows={2}
          />
          {preview.data && (
            <Alert color="blue" title="This will happen">
              <List size="sm">
                {preview.data.effects.map((effect) => (
                  <List.Item key={effect}>{effect}</List.Item>
                ))}
              </List>
            </Alert>
          )}
          {(preview.error ?? act.error) && (
            <Alert color="red" role="alert">
              {(act.error ?? preview.error)?.message}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={preview.isPending || act.isPending} disabled={reason.trim().length < 3}>
              {preview.data ? action.label : 'Preview'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function typed(fields: InputField[], input: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    fields
      .filter((field) => (input[field.name] ?? '') !== '')
      .map((field) => {
        const text = input[field.name] ?? '';
        if (field.type === 'integer' || field.type === 'number') return [field.name, Number(text)];
        return [field.name, field.type === 'boolean' ? text === 'true' : text];
      }),
  );
}
