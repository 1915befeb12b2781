import { Alert, Anchor, Badge, Button, Grid, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { MessageDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { readSegments } from '../edi-segments.ts';
import { formatBytes, formatCount, formatInstant, words } from '../format.ts';
import { EdiDocument } from '../parts/edi-document.tsx';
import { MessageDocuments } from '../parts/message-documents.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Payload } from '../parts/payload.tsx';
import { ResubmitMessage } from '../parts/resubmit-message.tsx';
import { Section } from '../parts/section.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';

const messageRoute = getRouteApi('/messages/$id');
const mostOutputs = 4;

export function MessagePage() {
  const { id } = messageRoute.useParams();
  const query = useQuery({
    queryKey: ['messages', id],
    queryFn: () => call('GET /v1/messages/{id}', { params: { id } }),
  });
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Loading rows={8} />;
  return <Detail message={query.data} />;
}

function Detail({ message }: { message: MessageDetail }) {
  return (
    <>
      <Header message={message} />
      <Stack gap="md">
        {message.reason && (
          <Alert color={message.state === 'processed' ? 'blue' : 'yellow'} title={words(message.state)}>
            {message.reason}
          </Alert>
        )}
        {message.exceptions.map((exception) => (
          <Alert
            key={exception.id}
            color={exception.state === 'resolved' ? 'green' : 'red'}
            title={`${words(exception.code)} · ${words(exception.state)}`}
          >
            <Text size="sm">{exception.cause}</Text>
            <Anchor component={Link} to={`/exceptions/${exception.id}`} size="sm" fw={600}>
              {exception.state === 'resolved' ? 'See what was done' : 'See what to do'}
            </Anchor>
          </Alert>
        ))}
        {message.documents.length > 0 && <MessageDocuments documents={message.documents} said={message.reason} />}
        <ThreeViews message={message} />
      </Stack>
    </>
  );
}

function Header({ message }: { message: MessageDetail }) {
  return (
    <PageHeader
      title={message.title}
      subtitle={
        <Group gap={8}>
          <span>
            {message.direction === 'in' ? 'Received from' : 'Sent to'}{' '}
            {message.partner ?? message.connection ?? message.channel}, {formatInstant(message.at)}
          </span>
          <StateBadge state={message.state} />
          <Badge variant="default" tt="none">
            {message.channel}
          </Badge>
          <span className="mono">{message.topic ?? message.fileName}</span>
          {message.inReplyTo && (
            <Anchor component={Link} to={`/messages/${message.inReplyTo}`} size="sm">
              {message.direction === 'in' ? 'an edited copy of this message' : 'because of this message'}
            </Anchor>
          )}
          {message.children.map((child) => (
            <Anchor key={child.id} component={Link} to={`/messages/${child.id}`} size="sm">
              edited and sent in again
            </Anchor>
          ))}
          {message.deliveryId && (
            <Anchor component={Link} to={`/deliveries/${message.deliveryId}`} size="sm">
              its delivery
            </Anchor>
          )}
        </Group>
      }
    >
      <ResubmitMessage message={message} />
      <Button
        component="a"
        href={`/v1/messages/${message.id}/raw`}
        download
        variant="default"
        leftSection={<IconDownload size={16} />}
      >
        Every byte ({formatBytes(message.byteLength)})
      </Button>
    </PageHeader>
  );
}

/** Raw ↔ canonical ↔ output, side by side. */
function ThreeViews({ message }: { message: MessageDetail }) {
  const canonical =
    message.canonical ?? message.documents.find((document) => document.canonical !== undefined)?.canonical;
  const hasOutputs = message.outputs.length > 0;
  // EDI lines are long; a column without anything to show leaves its place to them.
  const spans = canonical === undefined && !hasOutputs ? [8, 2, 2] : hasOutputs ? [4, 4, 4] : [6, 4, 2];
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: spans[0] }}>
        <Section title="Raw" h="100%">
          <Raw message={message} />
        </Section>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: spans[1] }}>
        <Section title="Canonical" h="100%">
          {canonical === undefined ? (
            <Text c="dimmed" size="sm">
              None of its own: it is canonical already, is an acknowledgment, or waits for its exception to be solved.
            </Text>
          ) : (
            <Payload label="What the hub understood" value={canonical} />
          )}
        </Section>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: spans[2] }}>
        <Section title="Output" h="100%">
          <Outputs outputs={message.outputs} />
        </Section>
      </Grid.Col>
    </Grid>
  );
}

function Raw({ message }: { message: MessageDetail }) {
  const { text, encoding, truncated } = message.raw;
  const label =
    encoding === 'base64' ? 'Not text; in base64' : truncated ? 'The first 256 KiB' : 'As it crossed the boundary';
  if (text === '')
    return (
      <Text c="dimmed" size="sm">
        It is empty.
      </Text>
    );
  if (encoding === 'utf8' && readSegments(text))
    return <EdiDocument label={label} text={text} documents={message.documents} />;
  return <Payload label={label} value={text} />;
}

function Outputs({ outputs }: { outputs: MessageDetail['outputs'] }) {
  const shown = outputs.slice(0, mostOutputs);
  const details = useQueries({
    queries: shown.map((output) => ({
      queryKey: ['messages', output.id],
      queryFn: () => call('GET /v1/messages/{id}', { params: { id: output.id } }),
    })),
  });
  if (outputs.length === 0)
    return (
      <Text c="dimmed" size="sm">
        Nothing was sent because of this message yet.
      </Text>
    );
  return (
    <Stack gap="sm">
      {shown.map((output, index) => (
        <div key={output.id}>
          <Anchor component={Link} to={`/messages/${output.id}`} size="sm" fw={600}>
            {output.title} to {output.partner ?? output.connection}
          </Anchor>
          {details[index]?.data && (
            <Payload
              label={`${output.topic ?? 'Sent'} at ${formatInstant(output.at)}`}
              value={details[index].data.raw.text}
            />
          )}
        </div>
      ))}
      {outputs.length > shown.length && (
        <Text size="xs" c="dimmed">
          and {formatCount(outputs.length - shown.length)} more on the order's timeline
        </Text>
      )}
    </Stack>
  );
}
