import { ActionIcon, Box, Button, Divider, Group, Popover, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconBookmarkPlus, IconCheck, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { SavedView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import type { ExceptionSearch } from './exception-filters.tsx';
import { FormDialog } from './form-dialog.tsx';

const queryKey = ['saved-views'];

/** The filters that say something, in an order of their own. */
const textOf = (filters: object): string =>
  JSON.stringify(
    Object.entries(filters)
      .filter(([, value]) => value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The views of the queue that somebody keeps: one is chosen, the present filters become one, and one is deleted. */
export function SavedViews({ search }: { search: ExceptionSearch }) {
  const [open, setOpen] = useState(false);
  const [naming, setNaming] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate({ from: '/exceptions' });
  const views = useQuery({ queryKey, queryFn: () => call('GET /v1/saved-views') });
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE /v1/saved-views/{id}', { params: { id } }),
    onSettled: () => void client.invalidateQueries({ queryKey }),
  });
  const kept = views.data?.data ?? [];
  const choose = (view: SavedView) => {
    setOpen(false);
    void navigate({ to: '/exceptions', search: { ...view.filters } });
  };
  const present = kept.find(({ filters }) => textOf(filters) === textOf(search));
  return (
    <>
      <Popover opened={open} onChange={setOpen} position="bottom-end" width={300} trapFocus returnFocus>
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<IconBookmark size={16} />}
            maw={260}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {present?.name ?? 'Views'}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p={6} aria-label="Your views">
          {kept.length === 0 && (
            <Text size="sm" c="dimmed" px="sm" py={6}>
              Filters that you need again can be kept under a name, for yourself.
            </Text>
          )}
          {kept.map((view) => (
            <Group key={view.id} gap={4} wrap="nowrap">
              <Entry icon={view === present ? <IconCheck size={15} /> : <Box w={15} />} onClick={() => choose(view)}>
                {view.name}
              </Entry>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Delete ${view.name}`}
                loading={remove.isPending && remove.variables === view.id}
                onClick={() => remove.mutate(view.id)}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          <Divider my={4} />
          <Entry
            icon={<IconBookmarkPlus size={15} />}
            onClick={() => {
              setOpen(false);
              setNaming(true);
            }}
          >
            Save these filters…
          </Entry>
        </Popover.Dropdown>
      </Popover>
      {naming && <NameView search={search} kept={kept} onClose={() => setNaming(false)} />}
    </>
  );
}

function Entry({ icon, onClick, children }: { icon: ReactNode; onClick(): void; children: string }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      fw={400}
      size="compact-sm"
      justify="flex-start"
      fullWidth
      style={{ minWidth: 0 }}
      leftSection={icon}
      onClick={onClick}
    >
      <Text span size="sm" truncate title={children}>
        {children}
      </Text>
    </Button>
  );
}

interface NameViewProps {
  search: ExceptionSearch;
  kept: readonly SavedView[];
  onClose(): void;
}

function NameView({ search, kept, onClose }: NameViewProps) {
  const [name, setName] = useState('');
  const client = useQueryClient();
  const filters = Object.fromEntries(Object.entries(search).filter(([, value]) => value));
  const save = useMutation({
    mutationFn: () => call('POST /v1/saved-views', { body: { name: name.trim(), filters } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey });
      onClose();
    },
  });
  const replaces = kept.some((view) => view.name === name.trim());
  return (
    <FormDialog
      title="Save these filters as a view"
      confirm="Save"
      incomplete={name.trim() === ''}
      working={save.isPending}
      error={save.error?.message}
      onClose={onClose}
      onConfirm={() => save.mutate()}
    >
      <TextInput
        label="Name"
        description={replaces ? 'The view of this name gives way to it.' : 'You alone see it; at most 20.'}
        required
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
