import { ActionIcon, Button, Card, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconCalendarTime, IconPlus, IconTrash } from '@tabler/icons-react';
import { nextOpenings, type WindowDraft } from './destination-draft.ts';
import { idOf, type SettingForm } from './setting-input.tsx';

export const timeZones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
const mostWindows = 20;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Maintenance windows by cron and zone, each with its next openings. */
export function WindowFields({ form }: { form: SettingForm }) {
  const { draft } = form;
  const set = (windows: readonly WindowDraft[]): void => form.change({ ...draft, windows });
  const fresh: WindowDraft = { cron: '0 2 * * 0', zone: draft.windows.at(-1)?.zone ?? ownZone, minutes: 60 };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        In a window nothing is called. Deliveries queue in order, spend no attempts, and go out afterwards.
      </Text>
      {draft.windows.map((window, index) => (
        <WindowCard
          // A window has no name of its own, and none is moved.
          key={index}
          form={form}
          index={index}
          window={window}
          onChange={(change) => set(draft.windows.map((each, n) => (n === index ? { ...each, ...change } : each)))}
          onRemove={() => set(draft.windows.filter((_, n) => n !== index))}
        />
      ))}
      {draft.windows.length === 0 && <Text size="sm">No window: the system is called at all hours.</Text>}
      <Group>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={15} />}
          disabled={draft.windows.length >= mostWindows}
          onClick={() => set([...draft.windows, fresh])}
        >
          Add a window
        </Button>
      </Group>
    </Stack>
  );
}

interface WindowCardProps {
  form: SettingForm;
  index: number;
  window: WindowDraft;
  onChange(change: Partial<WindowDraft>): void;
  onRemove(): void;
}

function WindowCard({ form, index, window, onChange, onRemove }: WindowCardProps) {
  const at = `/windows/${index}`;
  return (
    <Card padding="sm" role="group" aria-label={`Window ${index + 1}`}>
      <Group align="flex-start" gap="sm" wrap="wrap">
        <TextInput
          id={idOf(`${at}/cron`)}
          label="Begins (cron)"
          placeholder="minute hour day month weekday"
          value={window.cron}
          onChange={(event) => onChange({ cron: event.currentTarget.value })}
          error={form.problemAt(`${at}/cron`) ?? form.problemAt(at)}
          w={170}
          spellCheck={false}
        />
        <Select
          label="Time zone"
          data={timeZones.includes(window.zone) ? timeZones : [window.zone, ...timeZones]}
          searchable
          limit={60}
          nothingFoundMessage="No such zone"
          value={window.zone}
          onChange={(zone) => onChange({ zone: zone ?? window.zone })}
          error={form.problemAt(`${at}/zone`)}
          style={{ flex: 1, minWidth: 190 }}
        />
        <NumberInput
          id={idOf(`${at}/durationMinutes`)}
          label="Lasts"
          suffix=" min"
          allowNegative={false}
          allowDecimal={false}
          clampBehavior="none"
          min={1}
          step={15}
          value={window.minutes}
          onChange={(minutes) => onChange({ minutes: minutes === '' ? '' : Number(minutes) })}
          error={form.problemAt(`${at}/durationMinutes`)}
          w={120}
        />
        <ActionIcon
          variant="default"
          size="lg"
          mt={25}
          aria-label={`Remove window ${index + 1}`}
          title="Remove"
          onClick={onRemove}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
      <NextOpenings window={window} />
    </Card>
  );
}

function NextOpenings({ window }: { window: WindowDraft }) {
  const next = nextOpenings(window, new Date(), 3);
  if (typeof next === 'string') return null;
  const format = (at: Date): string =>
    at.toLocaleString('en-US', {
      timeZone: window.zone,
      weekday: 'short',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hour12: false,
    });
  const lasts = window.minutes === '' ? 0 : window.minutes;
  return (
    <Group gap={6} mt="xs" wrap="nowrap" align="flex-start" role="status">
      <IconCalendarTime size={16} style={{ flex: 'none', marginTop: 2 }} aria-hidden />
      <Text size="sm" c="dimmed">
        Next: {next.map(format).join(' · ')}
        {window.zone === ownZone ? '' : ` (${window.zone})`}, each until{' '}
        {new Date((next[0]?.getTime() ?? 0) + lasts * 60_000).toLocaleString('en-US', {
          timeZone: window.zone,
          ...(lasts >= 1_440 ? { weekday: 'short' } : {}),
          hour: '2-digit',
          minute: '2-digit',
          hour12: false,
        })}
      </Text>
    </Group>
  );
}
