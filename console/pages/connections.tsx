import { ActionIcon, Badge, Button, Card, CopyButton, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconKey, IconPlugConnected } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectionView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant, words } from '../format.ts';
import { type Fact, Facts } from '../parts/facts.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { SecretForm } from '../parts/secret-form.tsx';
import { ShownSecret } from '../parts/shown-secret.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { useMay } from '../session.tsx';

type Deed = 'rotate' | 'retire' | 'secrets';
interface Chosen {
  connection: ConnectionView;
  version: number;
  deed: Deed;
}

/** The outside systems as they are set up: where they are reached, how they report, which secrets are stored since when. */
export function ConnectionsPage() {
  const list = useQuery({
    queryKey: ['connections'],
    queryFn: () => call('GET /v1/connections', { query: { limit: 500 } }),
  });
  const [chosen, setChosen] = useState<Chosen>();
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading rows={8} />;
  const rows = list.data.data;
  return (
    <>
      <PageHeader
        title="Connections"
        subtitle="Outside systems, how they report to the hub, and how old their secrets are."
      />
      {rows.length === 0 && (
        <Card>
          <Empty icon={<IconPlugConnected size={36} />} title="No systems are connected yet">
            Add them with <code>crossdock apply</code> or <code>PUT /v1/connections/{'{id}'}</code>; the first steps say
            which.
          </Empty>
        </Card>
      )}
      <Stack>
        {rows.map(({ value, version }) => (
          <Connection
            key={value.id}
            connection={value}
            onDeed={(deed) => setChosen({ connection: value, version, deed })}
          />
        ))}
      </Stack>
      {chosen?.deed === 'secrets' && (
        <SecretForm connection={chosen.connection} version={chosen.version} onClose={() => setChosen(undefined)} />
      )}
      {chosen && chosen.deed !== 'secrets' && (
        <WebhookSecretDialog connection={chosen.connection} deed={chosen.deed} onClose={() => setChosen(undefined)} />
      )}
    </>
  );
}

function Connection({ connection, onDeed }: { connection: ConnectionView; onDeed(deed: Deed): void }) {
  const may = useMay('connection.write');
  const { id, title, type, role, settings, secrets, missingSecrets, test, webhookUrl } = connection;
  const reports = 'webhookSecret' in secrets || missingSecrets.includes('webhookSecret');
  const facts: Fact[] = Object.entries(settings).map(([name, value]) => [
    words(name),
    typeof value === 'boolean' ? (value ? 'yes' : 'no') : typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return (
    <Card component="section" aria-labelledby={`connection-${id}`}>
      <Group justify="space-between" align="flex-start" mb="sm">
        <Group gap="xs">
          <Title order={2} id={`connection-${id}`}>
            {title ?? id}
          </Title>
          <Badge variant="default" tt="none">
            {words(role)}
          </Badge>
          <Text size="sm" c="dimmed">
            {title === undefined ? type : `${id} · ${type}`}
          </Text>
          {test && (
            <Badge color="yellow" variant="light" tt="none">
              Test: gets no production traffic
            </Badge>
          )}
        </Group>
        {may && (
          <Group gap="xs">
            {reports && (
              <Button size="compact-sm" variant="default" onClick={() => onDeed('rotate')}>
                Rotate webhook secret
              </Button>
            )}
            {'webhookSecretBefore' in secrets && (
              <Button size="compact-sm" variant="default" onClick={() => onDeed('retire')}>
                Retire the former
              </Button>
            )}
            {Object.keys(secrets).length + missingSecrets.length > 0 && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconKey size={14} />}
                onClick={() => onDeed('secrets')}
                aria-label={`Set secrets of ${title ?? id}`}
              >
                Set secrets
              </Button>
            )}
          </Group>
        )}
      </Group>
      <Stack gap="sm">
        {facts.length > 0 && <Facts cols={4} facts={facts} />}
        {reports && <WebhookUrl url={webhookUrl} />}
        <Secrets connection={connection} />
      </Stack>
    </Card>
  );
}

function WebhookUrl({ url }: { url: string }) {
  return (
    <Group gap={6}>
      <Text size="xs" c="dimmed" fw={600}>
        Reports to
      </Text>
      <span className="mono">{url}</span>
      <CopyButton value={url}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label="Copy the address">
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}

const secretWords: Record<string, string> = { webhookSecretBefore: 'Former webhook secret, still accepted' };

function Secrets({ connection: { secrets, missingSecrets } }: { connection: ConnectionView }) {
  return (
    <Group gap="md">
      {Object.entries(secrets).map(([name, { changedAt }]) => (
        <Group key={name} gap={6}>
          <StateBadge
            state={name === 'webhookSecretBefore' ? 'waitingPartner' : 'accepted'}
            label={secretWords[name] ?? `${words(name)} is set`}
          />
          {changedAt && (
            <Text size="xs" c="dimmed" title={formatInstant(changedAt)}>
              {formatAge(changedAt)} old
            </Text>
          )}
        </Group>
      ))}
      {missingSecrets.map((name) => (
        <StateBadge key={name} state="rejected" label={`${words(name)} is missing`} />
      ))}
    </Group>
  );
}

interface WebhookSecretDialogProps {
  connection: ConnectionView;
  deed: 'rotate' | 'retire';
  onClose(): void;
}

function WebhookSecretDialog({ connection, deed, onClose }: WebhookSecretDialogProps) {
  const client = useQueryClient();
  const [made, setMade] = useState<string>();
  const params = { id: connection.id };
  const change = useMutation({
    mutationFn: async (reason: string) => {
      if (deed === 'rotate')
        return (await call('POST /v1/connections/{id}/webhook-secret', { params, body: { reason } })).webhookSecret;
      await call('POST /v1/connections/{id}/webhook-secret/retire', { params, body: { reason } });
      return undefined;
    },
    onSuccess: (secret) => {
      void client.invalidateQueries({ queryKey: ['connections'] });
      if (secret === undefined) onClose();
      else setMade(secret);
    },
  });
  const name = connection.title ?? connection.id;
  if (made !== undefined)
    return (
      <ShownSecret
        title={`The webhook secret of ${name}`}
        label="Webhook secret"
        explanation="Give it to the other system. The former secret is accepted until you retire it here."
        secret={made}
        onClose={onClose}
      />
    );
  return (
    <ReasonDialog
      opened
      title={deed === 'rotate' ? `Rotate the webhook secret of ${name}` : `Retire the former secret of ${name}`}
      preview={
        deed === 'rotate'
          ? 'The hub makes a new secret and shows it once. Reports signed with the present one go on being accepted.'
          : 'Reports that are still signed with the former secret are refused from now on.'
      }
      confirm={deed === 'rotate' ? 'Make the new secret' : 'Retire'}
      danger={deed === 'retire'}
      working={change.isPending}
      error={change.error?.message}
      onClose={onClose}
      onConfirm={(reason) => change.mutate(reason)}
    />
  );
}
