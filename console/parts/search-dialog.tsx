import { Badge, Group, ScrollArea, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useState } from 'react';
import type { SearchResult } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { words } from '../format.ts';
import { Dialog } from './dialog.tsx';

type Hit = SearchResult['hits'][number];

/** Where a hit leads: to its own page, or else to the order it belongs to. */
function pathOfHit(hit: Hit): string {
  if (hit.kind === 'order') return `/orders/${hit.id}`;
  if (hit.kind === 'exception') return `/exceptions/${hit.id}`;
  if (hit.kind === 'message') return `/messages/${hit.id}`;
  if (hit.kind === 'delivery') return `/deliveries/${hit.id}`;
  if (hit.kind === 'item') return `/inventory?sku=${encodeURIComponent(hit.id)}`;
  if (hit.kind === 'customer') return `/orders?customer=${encodeURIComponent(hit.id)}`;
  if (hit.kind === 'document' && hit.messageId) return `/messages/${hit.messageId}`;
  return hit.orderId ? `/orders/${hit.orderId}` : '/orders';
}

export default function SearchDialog({ onClose }: { onClose(): void }) {
  const [text, setText] = useState('');
  const [selected, setSelected] = useState(0);
  const [query] = useDebouncedValue(text.trim(), 120);
  const navigate = useNavigate();
  const search = useQuery({
    queryKey: ['search', query],
    queryFn: () => call('GET /v1/search', { query: { q: query, limit: 12 } }),
    enabled: query.length > 0,
    placeholderData: (previous) => previous,
  });
  const hits = query ? (search.data?.hits ?? []) : [];
  useEffect(() => setSelected(0), [query]);
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    void navigate({ href: pathOfHit(hit) } as Parameters<typeof navigate>[0]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setSelected((index) => Math.min(index + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setSelected((index) => Math.max(index - 1, 0));
    else if (event.key === 'Enter') open(hits[selected]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog
      onClose={onClose}
      withCloseButton={false}
      size="lg"
      padding="sm"
      yOffset="12vh"
      attributes={{ content: { 'aria-label': 'Search' } }}
    >
      <TextInput
        size="md"
        placeholder="PO, order number, SSCC, tracking, ISA or ST control number, SKU, customer"
        aria-label="Search any identifier"
        leftSection={<IconSearch size={18} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        data-autofocus
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls="search-hits"
        aria-autocomplete="list"
        aria-activedescendant={hits[selected] ? `search-hit-${selected}` : undefined}
        autoComplete="off"
      />
      <ScrollArea.Autosize mah="50vh" mt="sm">
        <div id="search-hits" role={hits.length > 0 ? 'listbox' : undefined} aria-label="What was found">
          {hits.map((hit, index) => (
            <SearchRow
              key={`${hit.kind}-${hit.id}-${hit.matched}`}
              id={`search-hit-${index}`}
              hit={hit}
              selected={index === selected}
              onClick={() => open(hit)}
            />
          ))}
        </div>
        {query && search.isSuccess && hits.length === 0 && (
          <Text c="dimmed" size="sm" p="md" ta="center">
            Nothing carries “{query}”. Whole identifiers are found, and the beginnings of purchase orders, SKUs and
            names; words inside documents are not.
          </Text>
        )}
        {!query && (
          <Text c="dimmed" size="sm" p="md" ta="center">
            Type or paste any identifier that a caller may have at hand.
          </Text>
        )}
      </ScrollArea.Autosize>
    </Dialog>
  );
}

interface SearchRowProps {
  id: string;
  hit: Hit;
  selected: boolean;
  onClick(): void;
}

function SearchRow({ id, hit, selected, onClick }: SearchRowProps) {
  return (
    <Group
      id={id}
      role="option"
      aria-selected={selected}
      justify="space-between"
      wrap="nowrap"
      p="xs"
      onClick={onClick}
      className="row-link"
      style={{ borderRadius: 8, background: selected ? 'var(--mantine-primary-color-light)' : undefined }}
    >
      <div>
        <Text size="sm" fw={600}>
          {hit.label}
        </Text>
        {hit.detail && (
          <Text size="xs" c="dimmed">
            {hit.detail}
          </Text>
        )}
      </div>
      <Group gap={6} wrap="nowrap">
        <Text size="xs" c="dimmed">
          {hit.matched}
        </Text>
        <Badge variant="light" color="gray" tt="none">
          {words(hit.kind)}
        </Badge>
      </Group>
    </Group>
  );
}
