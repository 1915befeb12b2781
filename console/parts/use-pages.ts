import { useInfiniteQuery } from '@tanstack/react-query';
import type { Page } from '../../src/api/contract.ts';

interface PageOptions {
  /** For lists whose changes are not all told by events. */
  refetchInterval?: number;
}

/** A list by cursor: `rows` of every page read so far, and how to read the next. */
export function usePages<T>(
  queryKey: readonly unknown[],
  read: (after: string | undefined) => Promise<Page<T>>,
  options: PageOptions = {},
) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
    ...options,
  });
  return { ...query, rows: query.data?.pages.flatMap((page) => page.data) ?? [], identity: JSON.stringify(queryKey) };
}

export type PagedList<T> = ReturnType<typeof usePages<T>>;
