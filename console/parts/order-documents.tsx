import { Anchor, Badge, Group, Stack, Table, Text } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Invoice, MessageSummary, OrderView, Shipment } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatDecimal, formatInstant, formatMoney, words } from '../format.ts';
import { Section } from './section.tsx';
import { Empty, Failed, Loading } from './states.tsx';
import { StateBadge } from './status.tsx';
import { VoidShipment } from './void-shipment.tsx';
import { WideTable } from './wide-table.tsx';

/** Shipments with their packages, invoices, and every message that crossed the boundary for this order. */
export function OrderDocuments({ order }: { order: OrderView }) {
  const shipments = useQuery({
    queryKey: ['orders', order.id, 'shipments'],
    queryFn: () => call('GET /v1/orders/{id}/shipments', { params: { id: order.id } }),
  });
  const invoices = useQuery({
    queryKey: ['orders', order.id, 'invoices'],
    queryFn: () => call('GET /v1/orders/{id}/invoices', { params: { id: order.id } }),
  });
  const messages = useQuery({
    queryKey: ['messages', 'order', order.id],
    queryFn: () => call('GET /v1/messages', { query: { correlationId: order.correlationId, limit: 200 } }),
  });
  return (
    <Stack gap="md">
      <Section title="Shipments">
        <Rows query={shipments} empty="Nothing has been packed yet.">
          {(rows) => rows.map((shipment) => <ShipmentView key={shipment.id} shipment={shipment} />)}
        </Rows>
      </Section>
      <Section title="Invoices">
        <Rows query={invoices} empty="The ERP has not posted an invoice yet.">
          {(rows) => <Invoices rows={rows} />}
        </Rows>
      </Section>
      <Section title="Messages">{messages.data && <Messages rows={messages.data.data} />}</Section>
    </Stack>
  );
}

interface RowsProps<Row> {
  query: UseQueryResult<{ data: Row[] }>;
  /** Said once it is known that there are none. */
  empty: string;
  children(rows: Row[]): ReactNode;
}

function Rows<Row>({ query, empty, children }: RowsProps<Row>) {
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Loading rows={2} />;
  if (query.data.data.length > 0) return children(query.data.data);
  return (
    <Text c="dimmed" size="sm">
      {empty}
    </Text>
  );
}

function Messages({ rows }: { rows: MessageSummary[] }) {
  if (rows.length === 0)
    return (
      <Empty icon={<IconFileOff size={32} />} title="No messages">
        Payloads that crossed the boundary appear here.
      </Empty>
    );
  return (
    <WideTable minWidth={620} label="Messages of this order">
      <Table.Tbody>
        {rows.map((message) => (
          <Table.Tr key={message.id}>
            <Table.Td className="nowrap">{message.direction === 'in' ? '← in' : '→ out'}</Table.Td>
            <Table.Td>
              <Anchor component={Link} to={`/messages/${message.id}`} size="sm">
                {message.title}
              </Anchor>
              <Text span size="xs" c="dimmed" className="mono">
                {' '}
                {message.topic ?? message.fileName}
              </Text>
            </Table.Td>
            <Table.Td>{message.partner ?? message.connection ?? message.channel}</Table.Td>
            <Table.Td>
              <StateBadge state={message.state} />
            </Table.Td>
            <Table.Td ta="right" className="nowrap">
              {formatInstant(message.at)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function whenOf({ shippedAt, voidedAt }: Shipment): string {
  if (voidedAt) return ` · voided ${formatInstant(voidedAt)}: it never left`;
  return shippedAt ? ` · shipped ${formatInstant(shippedAt)}` : ' · not shipped yet';
}

function ShipmentView({ shipment }: { shipment: Shipment }) {
  return (
    <Stack gap={6} mb="md">
      <Group gap="sm">
        <Text fw={650}>{shipment.shipmentNo}</Text>
        <Badge variant="default" tt="none">
          from {shipment.location}
        </Badge>
        <StateBadge state={shipment.trackerStatus} />
        <Text size="sm" c="dimmed">
          {[shipment.carrier, shipment.service].filter(Boolean).join(' ')}
          {whenOf(shipment)}
        </Text>
        {shipment.voidedAt === undefined && shipment.packages.every((pack) => pack.sscc) && (
          <Anchor href={`/v1/shipments/${shipment.id}/labels.pdf`} target="_blank" size="sm">
            Labels
          </Anchor>
        )}
        <Anchor href={`/v1/shipments/${shipment.id}/packing-slip.pdf`} target="_blank" size="sm">
          Packing slip
        </Anchor>
        <VoidShipment shipment={shipment} />
      </Group>
      <WideTable minWidth={620} label={`Packages of ${shipment.shipmentNo}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Package</Table.Th>
            <Table.Th>Contents</Table.Th>
            <Table.Th>Tracking</Table.Th>
            <Table.Th>SSCC</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shipment.packages.map((pack) => (
            <Table.Tr key={pack.packageNo}>
              <Table.Td>{pack.packageNo}</Table.Td>
              <Table.Td>
                {pack.contents
                  .map(
                    (content) =>
                      `${formatDecimal(content.quantity)} ${content.uom} ${content.sku}${content.lot ? ` (lot ${content.lot})` : ''}${content.serials ? ` (serials ${content.serials.join(', ')})` : ''}`,
                  )
                  .join('; ')}
              </Table.Td>
              <Table.Td className="mono">{pack.tracking ?? '–'}</Table.Td>
              <Table.Td className="mono">{pack.sscc ?? '–'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}

function Invoices({ rows }: { rows: Invoice[] }) {
  return (
    <WideTable minWidth={620} label="Invoices">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Invoice</Table.Th>
          <Table.Th>Date</Table.Th>
          <Table.Th>Due</Table.Th>
          <Table.Th ta="right">Total</Table.Th>
          <Table.Th ta="right">Paid</Table.Th>
          <Table.Th>Status</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.id}>
            <Table.Td>{row.invoiceNo}</Table.Td>
            <Table.Td>{row.invoiceDate}</Table.Td>
            <Table.Td>{row.dueDate}</Table.Td>
            <Table.Td ta="right">{formatMoney(row.totalMinor, row.currency)}</Table.Td>
            <Table.Td ta="right">{formatMoney(row.paidMinor, row.currency)}</Table.Td>
            <Table.Td>{words(row.status)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
