import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isStale } from '../http.ts';

interface Previewed<T> {
  /** What the preview is of; another key asks anew. */
  queryKey: readonly unknown[];
  preview(): Promise<T>;
  act(reason: string): Promise<T>;
  /** First words of the query keys that show what changes. */
  touches: readonly string[];
  /** All that the preview needs is there. */
  enabled?: boolean;
  onDone(): void;
}

/** Asks the hub what would happen as soon as it can be known, and then does it with a reason. */
export function usePreviewed<T>({ queryKey, preview: ask, act: run, touches, enabled = true, onDone }: Previewed<T>) {
  const client = useQueryClient();
  const preview = useQuery({ queryKey: ['preview', ...queryKey], queryFn: ask, enabled, retry: false, gcTime: 0 });
  const refresh = () => {
    for (const key of touches) void client.invalidateQueries({ queryKey: [key] });
  };
  const act = useMutation({
    mutationFn: run,
    onSuccess: () => {
      refresh();
      onDone();
    },
    onError: (error) => {
      // Somebody else, or the hub itself, was faster: show what it is like now.
      if (isStale(error)) refresh();
    },
  });
  return { preview, act };
}
