import { Card } from '@mantine/core';
import type { ReactNode } from 'react';
import { MoreButton } from './more-button.tsx';
import { RowList, type RowListProps } from './row-list.tsx';
import { Failed, Loading } from './states.tsx';
import type { PagedList } from './use-pages.ts';

interface ListCardProps<Row> extends Omit<RowListProps<Row>, 'rows'> {
  list: PagedList<Row>;
  /** Shown when nothing fits the filters; says what would fill the list. */
  empty: ReactNode;
}

/** A list by cursor in all its states: being read, failed, empty, and with rows. */
export function ListCard<Row>({ list, empty, ...rows }: ListCardProps<Row>) {
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading rows={10} />;
  // A search may have passed many rows for an empty page, and go on.
  if (list.rows.length === 0)
    return (
      <>
        <Card>{empty}</Card>
        <MoreButton list={list} />
      </>
    );
  return (
    <>
      <Card p={0}>
        {/* Other filters are another list: nothing of the former one is held. */}
        <RowList key={list.identity} rows={list.rows} {...rows} />
      </Card>
      <MoreButton list={list} />
    </>
  );
}
