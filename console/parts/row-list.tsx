import { Button, Checkbox, Table } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconArrowUp } from '@tabler/icons-react';
import { type FocusEvent, type ReactNode, useRef, useState } from 'react';
import { formatCount } from '../format.ts';
import { steadyRows } from './steady-rows.ts';
import { WideTable } from './wide-table.tsx';

export interface Column<Row> {
  title: string;
  /** Right-aligned columns hold numbers. */
  numeric?: boolean;
  width?: number | string;
  cell(row: Row): ReactNode;
}

export interface RowSelection {
  readonly keys: ReadonlySet<string>;
  change(keys: ReadonlySet<string>): void;
}

export interface RowListProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf(row: Row): string;
  /** What a screen reader calls the row's checkbox. */
  nameOf?(row: Row): string;
  onOpen(row: Row): void;
  selection?: RowSelection | undefined;
}

/** While somebody points at the list, is in it by keyboard or has selected rows, it holds still. */
function useSteadyRows<Row>({ rows, keyOf, selection }: RowListProps<Row>) {
  const [pointing, setPointing] = useState(false);
  const [focused, setFocused] = useState(false);
  const [frozen, setFrozen] = useState<readonly Row[]>();
  const busy = pointing || focused || (selection?.keys.size ?? 0) > 0;
  if (busy && frozen === undefined) setFrozen(rows);
  if (!busy && frozen !== undefined) setFrozen(undefined);
  const { shown, waiting } = frozen ? steadyRows(frozen, rows, keyOf) : { shown: [...rows], waiting: 0 };
  const watch = {
    onPointerEnter: () => setPointing(true),
    onPointerLeave: () => setPointing(false),
    onFocus: () => setFocused(true),
    onBlur: (event: FocusEvent<HTMLElement>) => setFocused(event.currentTarget.contains(event.relatedTarget)),
  };
  return { shown, waiting, watch, letGo: () => setFrozen(rows) };
}

/** j and k move the focus from row to row; Enter then follows the row's link by itself, x selects. */
function useRowKeys(selection: RowSelection | undefined) {
  const body = useRef<HTMLTableSectionElement>(null);
  const move = (step: number) => {
    const rows = [...(body.current?.rows ?? [])];
    const index = rows.findIndex((row) => row.contains(document.activeElement));
    const target = rows[Math.max(0, Math.min(rows.length - 1, index + step))];
    target?.querySelector<HTMLElement>('a, button')?.focus();
    target?.scrollIntoView({ block: 'nearest' });
  };
  useHotkeys([
    ['j', () => move(1)],
    ['k', () => move(-1)],
    [
      'x',
      () => {
        const key = document.activeElement?.closest<HTMLElement>('tr[data-key]')?.dataset['key'];
        if (key !== undefined && selection) selection.change(toggled(selection.keys, key));
      },
    ],
  ]);
  return body;
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** A table whose rows open: by click, by Enter, and by j/k through the list; x selects where rows can be selected. */
export function RowList<Row>(props: RowListProps<Row>) {
  const { label, columns, keyOf, selection } = props;
  const { shown, waiting, watch, letGo } = useSteadyRows(props);
  const body = useRowKeys(selection);
  return (
    <div {...watch}>
      {waiting > 0 && (
        <Button
          fullWidth
          variant="light"
          radius={0}
          size="compact-sm"
          onClick={letGo}
          leftSection={<IconArrowUp size={14} />}
        >
          Show {formatCount(waiting)} new
        </Button>
      )}
      <WideTable label={label} minWidth={720}>
        <Head columns={columns} shown={shown} keyOf={keyOf} selection={selection} />
        <Table.Tbody ref={body}>
          {shown.map((row) => (
            <Line key={keyOf(row)} row={row} {...props} />
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}

type HeadProps<Row> = Pick<RowListProps<Row>, 'columns' | 'keyOf' | 'selection'> & { shown: readonly Row[] };

function Head<Row>({ columns, shown, keyOf, selection }: HeadProps<Row>) {
  const all = shown.map(keyOf);
  const chosen = all.filter((key) => selection?.keys.has(key)).length;
  return (
    <Table.Thead>
      <Table.Tr>
        {selection && (
          <Table.Th w={36}>
            <Checkbox
              size="xs"
              aria-label="Select all rows"
              checked={chosen > 0 && chosen === all.length}
              indeterminate={chosen > 0 && chosen < all.length}
              onChange={() => selection.change(new Set(chosen === all.length ? [] : all))}
            />
          </Table.Th>
        )}
        {columns.map((column) => (
          <Table.Th key={column.title} w={column.width} ta={column.numeric ? 'right' : undefined}>
            {column.title}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}

function Line<Row>({ row, columns, keyOf, nameOf, onOpen, selection }: RowListProps<Row> & { row: Row }) {
  const key = keyOf(row);
  return (
    <Table.Tr
      className="row-link"
      data-key={key}
      onClick={(event) => {
        if (!(event.target as HTMLElement).closest('a, button, input, label')) onOpen(row);
      }}
    >
      {selection && (
        <Table.Td>
          <Checkbox
            size="xs"
            aria-label={`Select ${nameOf?.(row) ?? key}`}
            checked={selection.keys.has(key)}
            onChange={() => selection.change(toggled(selection.keys, key))}
          />
        </Table.Td>
      )}
      {columns.map((column) => (
        <Table.Td key={column.title} ta={column.numeric ? 'right' : undefined}>
          {column.cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
