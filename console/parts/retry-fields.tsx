import { Button, Card, Group, Menu, Stack, Text } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { formatDurationMs } from '../format.ts';
import { addRetry, pausesOf, reasons, retryAt, retryFields } from './destination-draft.ts';
import { SettingInputs, type SettingForm } from './setting-input.tsx';

const usualJitter = '50 %';

/** The schedule of retries, and those that single reasons of failure have of their own. */
export function RetryFields({ form }: { form: SettingForm }) {
  const { draft } = form;
  const others = reasons.filter(({ name }) => !draft.ownRetries.includes(name));
  return (
    <Stack gap="sm">
      <Schedule form={form} at="/retry" title="Retries" />
      {draft.ownRetries.map((reason) => (
        <Schedule
          key={reason}
          form={form}
          at={retryAt(reason)}
          title={reasons.find(({ name }) => name === reason)?.title ?? reason}
          onRemove={() => form.change({ ...draft, ownRetries: draft.ownRetries.filter((name) => name !== reason) })}
        />
      ))}
      {others.length > 0 && (
        <Menu position="bottom-start" withinPortal>
          <Menu.Target>
            <Button
              variant="default"
              size="compact-sm"
              rightSection={<IconChevronDown size={14} />}
              style={{ alignSelf: 'flex-start' }}
            >
              Other schedule for a reason
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map(({ name, title }) => (
              <Menu.Item key={name} onClick={() => form.change(addRetry(draft, name))}>
                {title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <Text size="sm" c="dimmed">
        While the breaker is open nothing is tried. <code>Retry-After</code> of the system is a lower bound.
      </Text>
    </Stack>
  );
}

interface ScheduleProps {
  form: SettingForm;
  at: string;
  title: string;
  onRemove?: () => void;
}

function Schedule({ form, at, title, onRemove }: ScheduleProps) {
  const pauses = pausesOf(form.draft, at);
  return (
    <Card padding="sm" role="group" aria-label={title}>
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        {onRemove && (
          <Button variant="subtle" size="compact-sm" onClick={onRemove} aria-label={`${title}: as all others`}>
            As all others
          </Button>
        )}
      </Group>
      <SettingInputs form={form} fields={retryFields(at)} placeholders={{ [`${at}/jitter`]: usualJitter }} />
      {pauses && (
        <Text size="sm" c="dimmed" mt="xs" role="status">
          {pauses.firstMs.length === 0
            ? 'No second try: a dead letter at once'
            : `Pauses of ${pauses.firstMs.map(formatDurationMs).join(', ')}${pauses.lastMs > (pauses.firstMs.at(-1) ?? 0) ? ` … ${formatDurationMs(pauses.lastMs)}` : ''}; a dead letter after about ${formatDurationMs(pauses.totalMs)}`}
        </Text>
      )}
    </Card>
  );
}
