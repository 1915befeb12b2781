import { Alert, Anchor, Badge, Button, Card, Grid, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { MessageDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatInstant, words } from '../format.ts';
import { PageHeader } from '../parts/page-header.tsx';
import { Payload } from '../parts/payload.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { messageRoute } from '../router.tsx';

type Document = MessageDetail['documents'][number];

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

/** Raw ↔ canonical ↔ output, side by side. */
function Detail({ message }: { message: MessageDetail }) {
  const canonical =
    message.canonical ?? message.documents.find((document) => document.canonical !== undefined)?.canonical;
  return (
    <>
      <PageHeader
        title={message.topic ?? message.contentType}
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
            {message.inReplyTo && (
              <Anchor component={Link} to={`/messages/${message.inReplyTo}`} size="sm">
                because of this message
              </Anchor>
            )}
          </Group>
        }
      >
        <Button
          component="a"
          href={`/v1/messages/${message.id}/raw`}
          download
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          Every byte ({formatCount(message.byteLength)})
        </Button>
      </PageHeader>
      <Stack gap="md">
        {message.reason && (
          <Alert color="yellow" title={words(message.state)}>
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
              See what to do
            </Anchor>
          </Alert>
        ))}
        {message.documents.length > 0 && <Documents documents={message.documents} />}
        <Grid gap="md">
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Card h="100%">
              <Title order={2} mb="xs">
                Raw
              </Title>
              <Payload
                label={message.raw.truncated ? 'First 256 KiB as received' : 'As it crossed the boundary'}
                value={message.raw.text}
              />
            </Card>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Card h="100%">
              <Title order={2} mb="xs">
                Canonical
              </Title>
              {canonical === undefined ? (
                <Text c="dimmed" size="sm">
                  This message has no canonical form: it is an acknowledgment, was not translated, or waits for its
                  exception to be solved.
                </Text>
              ) : (
                <Payload label="What the hub understood" value={canonical} />
              )}
            </Card>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Card h="100%">
              <Title order={2} mb="xs">
                Output
              </Title>
              <Outputs outputs={message.outputs} />
            </Card>
          </Grid.Col>
        </Grid>
      </Stack>
    </>
  );
}

function Documents({ documents }: { documents: Document[] }) {
  return (
    <Card>
      <Title order={2} mb="xs">
        Documents
      </Title>
      <Table aria-label="Documents">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Type</Table.Th>
            <Table.Th>Control no.</Table.Th>
            <Table.Th>Verdict</Table.Th>
            <Table.Th>Issues</Table.Th>
            <Table.Th>Order</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {documents.map((document) => (
            <Table.Tr key={document.id}>
              <Table.Td>
                {document.type}{' '}
                <Text span size="xs" c="dimmed">
                  {document.version}
                </Text>
              </Table.Td>
              <Table.Td className="mono">{document.control ?? '–'}</Table.Td>
              <Table.Td>
                <Group gap={6}>
                  <StateBadge state={document.verdict ?? document.state} />
                  {document.ackState && document.ackState !== 'none' && (
                    <Text size="xs" c="dimmed">
                      acknowledgment {words(document.ackState).toLowerCase()}
                    </Text>
                  )}
                </Group>
              </Table.Td>
              <Table.Td>
                <Issues issues={document.issues} />
              </Table.Td>
              <Table.Td>
                {document.orderId ? (
                  <Anchor component={Link} to={`/orders/${document.orderId}`} size="sm">
                    Open
                  </Anchor>
                ) : (
                  '–'
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Issues({ issues }: { issues: unknown[] }) {
  if (issues.length === 0)
    return (
      <Text size="sm" c="dimmed">
        none
      </Text>
    );
  return (
    <List size="sm">
      {issues.slice(0, 20).map((issue, index) => {
        const known = (issue ?? {}) as {
          message?: string;
          code?: string;
          segmentId?: string;
          segmentOrdinal?: number;
          byteOffset?: number;
        };
        return (
          <List.Item key={index}>
            {known.message ?? known.code ?? JSON.stringify(issue)}
            {known.segmentId && (
              <Text span size="xs" c="dimmed">
                {' '}
                · segment {known.segmentOrdinal} {known.segmentId}
                {known.byteOffset === undefined ? '' : `, byte ${known.byteOffset}`}
              </Text>
            )}
          </List.Item>
        );
      })}
    </List>
  );
}

function Outputs({ outputs }: { outputs: MessageDetail['outputs'] }) {
  const shown = outputs.slice(0, 4);
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
            {output.topic ?? output.contentType} to {output.partner ?? output.connection}
          </Anchor>
          {details[index]?.data && <Payload label={formatInstant(output.at)} value={details[index].data.raw.text} />}
        </div>
      ))}
      {outputs.length > shown.length && (
        <Text size="xs" c="dimmed">
          and {outputs.length - shown.length} more on the order's timeline
        </Text>
      )}
    </Stack>
  );
}
