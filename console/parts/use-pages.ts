import { useInfiniteQuery } from '@tanstack/react-query';
import type { Page } from '../../src/api/contract.ts';

/** A list by cursor: `rows` of every page read so far, and how to read the next. */
export function usePages<T>(queryKey: readonly unknown[], read: (after: string | undefined) => Promise<Page<T>>) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  });
  return { ...query, rows: query.data?.pages.flatMap((page) => page.data) ?? [] };
}
