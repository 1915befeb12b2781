import { Table, type TableProps } from '@mantine/core';

interface WideTableProps extends TableProps {
  /** What a screen reader calls the table, and the region that it scrolls in. */
  label: string;
  /** Below this width, in pixels, the table scrolls by itself rather than with the page. */
  minWidth: number;
}

/** A table that scrolls sideways by itself in a narrow window, and can be scrolled by keyboard. */
export function WideTable({ label, minWidth, ...table }: WideTableProps) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{
        offsetScrollbars: false,
        classNames: { viewport: 'wide-table' },
        viewportProps: { tabIndex: 0, 'aria-label': label, role: 'region' },
      }}
    >
      <Table aria-label={label} {...table} />
    </Table.ScrollContainer>
  );
}
