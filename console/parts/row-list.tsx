import { Table } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';

export interface Column<Row> {
  title: string;
  /** Right-aligned columns hold numbers. */
  numeric?: boolean;
  width?: number | string;
  cell(row: Row): ReactNode;
}

interface RowListProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf(row: Row): string;
  onOpen(row: Row): void;
}

/** A table whose rows open: by click, by Enter, and by j/k through the list. */
export function RowList<Row>({ label, rows, columns, keyOf, onOpen }: RowListProps<Row>) {
  const [current, setCurrent] = useState(-1);
  const move = (step: number) => setCurrent((index) => Math.max(0, Math.min(rows.length - 1, index + step)));
  useHotkeys([
    ['j', () => move(1)],
    ['k', () => move(-1)],
    [
      'Enter',
      () => {
        const row = rows[current];
        if (row) onOpen(row);
      },
    ],
  ]);
  return (
    <Table.ScrollContainer
      minWidth={720}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label, role: 'region' } }}
    >
      <Table aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.title} w={column.width} ta={column.numeric ? 'right' : undefined}>
                {column.title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => (
            <Table.Tr
              key={keyOf(row)}
              className="row-link"
              onClick={(event) => {
                if (!(event.target as HTMLElement).closest('a, button')) onOpen(row);
              }}
              style={
                index === current
                  ? { outline: '2px solid var(--mantine-primary-color-filled)', outlineOffset: -2 }
                  : undefined
              }
              ref={index === current ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            >
              {columns.map((column) => (
                <Table.Td key={column.title} ta={column.numeric ? 'right' : undefined}>
                  {column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
