import { Card, Table, Text, UnstyledButton } from '@mantine/core';
import type { InventoryRow } from '../../src/api/contract.ts';
import { formatDecimal, words } from '../format.ts';

interface StockPositionsProps {
  rows: readonly InventoryRow[];
  selected: string | undefined;
  onSelect(sku: string): void;
}

function groupBySku(rows: readonly InventoryRow[]): [string, InventoryRow[]][] {
  const groups = new Map<string, InventoryRow[]>();
  for (const row of rows) groups.set(row.sku, [...(groups.get(row.sku) ?? []), row]);
  return [...groups];
}

/** What lies where, item by item: location, lot and status of every position. Choosing an item explains it. */
export function StockPositions({ rows, selected, onSelect }: StockPositionsProps) {
  return (
    <Card p={0}>
      <div style={{ maxHeight: '72vh', overflow: 'auto' }} tabIndex={0} role="region" aria-label="Stock positions">
        <Table aria-label="Stock positions" stickyHeader verticalSpacing={4} miw={430}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Where</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th ta="right">On hand</Table.Th>
              <Table.Th ta="right">Allocated</Table.Th>
            </Table.Tr>
          </Table.Thead>
          {groupBySku(rows).map(([sku, positions]) => (
            <ItemPositions
              key={sku}
              sku={sku}
              positions={positions}
              selected={sku === selected}
              onSelect={() => onSelect(sku)}
            />
          ))}
        </Table>
      </div>
    </Card>
  );
}

interface ItemPositionsProps {
  sku: string;
  positions: readonly InventoryRow[];
  selected: boolean;
  onSelect(): void;
}

function ItemPositions({ sku, positions, selected, onSelect }: ItemPositionsProps) {
  return (
    <Table.Tbody>
      <Table.Tr
        className="row-link"
        onClick={onSelect}
        bg={selected ? 'var(--mantine-primary-color-light)' : undefined}
      >
        <Table.Td colSpan={4}>
          <UnstyledButton onClick={onSelect} aria-pressed={selected} fw={650} fz="sm">
            {sku}
          </UnstyledButton>
          <Text span size="xs" c={selected ? undefined : 'dimmed'} ml={8}>
            {positions[0]?.description}
          </Text>
        </Table.Td>
      </Table.Tr>
      {positions.map((row) => (
        <Table.Tr key={`${row.location}-${row.lot}-${row.status}`}>
          <Table.Td pl={22}>
            {row.location}
            {row.lot && (
              <Text size="xs" c="dimmed">
                lot {row.lot}
                {row.expiry ? `, expires ${row.expiry}` : ''}
              </Text>
            )}
          </Table.Td>
          <Table.Td>{words(row.status)}</Table.Td>
          <Table.Td ta="right" className="nowrap">
            {formatDecimal(row.onHand)} {row.uom}
          </Table.Td>
          <Table.Td ta="right" className="nowrap" c={Number(row.hardAllocated) === 0 ? 'dimmed' : undefined}>
            {formatDecimal(row.hardAllocated)} {row.uom}
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  );
}
