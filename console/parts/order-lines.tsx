import { Badge, Card, Group, Table, Text, Title } from '@mantine/core';
import type { OrderView } from '../../src/api/contract.ts';
import { formatDecimal, formatMoney, words } from '../format.ts';
import { MilestoneBadge } from './status.tsx';
import { WideTable } from './wide-table.tsx';

const quantities = [
  'allocated',
  'backordered',
  'released',
  'picked',
  'packed',
  'shipped',
  'delivered',
  'invoiced',
  'cancelled',
] as const;

/** Lines as the customer ordered them, and how far each has come in base units. */
/** Whose price it is. */
const priceSources: Readonly<Record<string, string>> = { po: 'their price', contract: 'contract', list: 'our list' };

export function OrderLines({ order }: { order: OrderView }) {
  const shown = quantities.filter(
    (name) => order.lines.some((line) => Number(line.q[name]) !== 0) || name === 'allocated' || name === 'shipped',
  );
  return (
    <Card>
      <Title order={2} mb="sm">
        Lines
      </Title>
      <WideTable label="Order lines" minWidth={860}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Line</Table.Th>
            <Table.Th>Item</Table.Th>
            <Table.Th ta="right">Ordered</Table.Th>
            <Table.Th ta="right">Price</Table.Th>
            <Table.Th ta="right">Amount</Table.Th>
            {shown.map((name) => (
              <Table.Th key={name} ta="right">
                {words(name)}
              </Table.Th>
            ))}
            <Table.Th>Status</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {order.lines.map((line) => (
            <Table.Tr key={line.lineNo}>
              <Table.Td>
                {line.lineNo}
                {line.customerLineNo && line.customerLineNo !== String(line.lineNo) ? (
                  <Text size="xs" c="dimmed">
                    PO {line.customerLineNo}
                  </Text>
                ) : null}
              </Table.Td>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {line.sku}
                </Text>
                <Text size="xs" c="dimmed">
                  {line.description ?? line.gtin}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                {formatDecimal(line.ordered.value)} {line.ordered.uom}
                {line.ordered.uom !== line.baseUom && (
                  <Text size="xs" c="dimmed">
                    = {formatDecimal(line.q.ordered)} {line.baseUom}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right" className="nowrap">
                {line.price.value} {line.price.currency}
                <Text size="xs" c="dimmed">
                  per {line.price.perQty === '1' ? '' : `${line.price.perQty} `}
                  {line.price.uom} · {priceSources[line.priceSource] ?? words(line.priceSource)}
                </Text>
              </Table.Td>
              <Table.Td ta="right">{formatMoney(line.amountMinor, order.currency)}</Table.Td>
              {shown.map((name) => (
                <Table.Td
                  key={name}
                  ta="right"
                  className="nowrap"
                  c={Number(line.q[name]) === 0 ? 'dimmed' : undefined}
                >
                  {formatDecimal(line.q[name])}{' '}
                  <Text span size="xs" c="dimmed">
                    {line.baseUom}
                  </Text>
                </Table.Td>
              ))}
              <Table.Td>
                <Group gap={6}>
                  <MilestoneBadge milestone={line.milestone} />
                  {line.holds.map((hold) => (
                    <Badge key={hold.code} color="yellow" variant="filled" tt="none">
                      {words(hold.code)}
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th colSpan={4}>Total</Table.Th>
            <Table.Th ta="right">{formatMoney(order.totals.amountMinor, order.currency)}</Table.Th>
            <Table.Th colSpan={shown.length + 1} aria-hidden />
          </Table.Tr>
        </Table.Tfoot>
      </WideTable>
    </Card>
  );
}
