import { Anchor, Group, List, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { MessageDetail } from '../../src/api/contract.ts';
import type { EdiIssue } from '../edi-segments.ts';
import { formatCount, words } from '../format.ts';
import { Section } from './section.tsx';
import { StateBadge } from './status.tsx';
import { WideTable } from './wide-table.tsx';

type Document = MessageDetail['documents'][number];

const mostIssues = 20;

/** The documents that a message carried, each with its verdict, its issues and what came of it. What the page says already is left out. */
export function MessageDocuments({ documents, said }: { documents: Document[]; said: string | undefined }) {
  return (
    <Section title="Documents">
      <WideTable label="Documents" minWidth={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Type</Table.Th>
            <Table.Th>Control no.</Table.Th>
            <Table.Th>Verdict</Table.Th>
            <Table.Th>Issues</Table.Th>
            <Table.Th>What came of it</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {documents.map((document) => (
            <Line key={document.id} document={document} said={said} />
          ))}
        </Table.Tbody>
      </WideTable>
    </Section>
  );
}

function Line({ document, said }: { document: Document; said: string | undefined }) {
  const reason = document.reason === said ? undefined : document.reason;
  return (
    <Table.Tr>
      <Table.Td className="nowrap">
        {document.type}{' '}
        <Text span size="xs" c="dimmed">
          {document.version}
        </Text>
      </Table.Td>
      <Table.Td className="mono">{document.control ?? '–'}</Table.Td>
      <Table.Td>
        <Group gap={6}>
          <StateBadge state={document.verdict ?? document.state} />
          {document.verdict && document.state !== document.verdict && <StateBadge state={document.state} />}
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
        {document.orderId && (
          <Anchor component={Link} to={`/orders/${document.orderId}`} size="sm">
            The order
          </Anchor>
        )}
        {reason && <Text size="sm">{reason}</Text>}
        {!document.orderId && !reason && '–'}
      </Table.Td>
    </Table.Tr>
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
      {issues.slice(0, mostIssues).map((raw, index) => {
        const issue = (raw ?? {}) as EdiIssue;
        return (
          <List.Item key={index}>
            {issue.message ?? issue.code ?? JSON.stringify(raw)}
            {issue.segmentId && (
              <Text span size="xs" c="dimmed">
                {' '}
                · segment {issue.segmentOrdinal} {issue.segmentId}
                {issue.byteOffset === undefined ? '' : `, byte ${formatCount(issue.byteOffset)}`}
              </Text>
            )}
          </List.Item>
        );
      })}
      {issues.length > mostIssues && <List.Item>and {formatCount(issues.length - mostIssues)} more</List.Item>}
    </List>
  );
}
