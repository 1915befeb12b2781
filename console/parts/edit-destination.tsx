import { Divider, Stack, Tabs, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import type { Destination } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { isStale, ProblemError } from '../http.ts';
import {
  breakerFields,
  changesOf,
  type Draft,
  differencesOf,
  drainFields,
  draftOf,
  healthFields,
  limitFields,
  probeFields,
  problemsOf,
  rebase,
} from './destination-draft.ts';
import { FormDialog } from './form-dialog.tsx';
import { RetryFields } from './retry-fields.tsx';
import { SettingConflict } from './setting-conflict.tsx';
import { idOf, SettingInputs, type SettingForm } from './setting-input.tsx';
import { WindowFields } from './window-fields.tsx';
import { isReason, ReasonField } from './reason-field.tsx';

interface EditDestinationProps {
  row: Destination;
  onClose(): void;
}

const tabs = [
  { name: 'windows', title: 'Windows', at: /^\/windows/ },
  { name: 'retries', title: 'Retries', at: /^\/retry/ },
  { name: 'breaker', title: 'Breaker', at: /^\/breaker/ },
  { name: 'outage', title: 'Health and recovery', at: /^\/(health|drain)/ },
  { name: 'limits', title: 'Limits', at: /^\/(concurrency|openMax)/ },
] as const;
type TabName = (typeof tabs)[number]['name'];

/** What the hub found wrong, by the place it points at. */
function refusalsOf(error: unknown): Map<string, string> {
  const errors = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
  return new Map(errors.map(({ pointer, message, code }) => [pointer, message ?? code]));
}

/** The draft, what is wrong with it, and what became of saving it. */
function useSettings(opened: Destination, onClose: () => void) {
  const [base, setBase] = useState(opened);
  const [draft, setDraft] = useState<Draft>(() => draftOf(opened));
  const [reason, setReason] = useState('');
  const [theirs, setTheirs] = useState<Destination>();
  const client = useQueryClient();
  const params = { name: base.name };
  const changes = changesOf(base, draft);
  const save = useMutation({
    mutationFn: () =>
      call('PATCH /v1/destinations/{name}', {
        params,
        version: base.version,
        body: { ...changes, reason: reason.trim() },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['destinations'] });
      onClose();
    },
    onError: async (error) => {
      if (!isStale(error)) return;
      void client.invalidateQueries({ queryKey: ['destinations'] });
      setTheirs(await call('GET /v1/destinations/{name}', { params }));
    },
  });
  const take = (next: Draft): void => {
    if (theirs) setBase(theirs);
    setDraft(next);
    setTheirs(undefined);
    save.reset();
  };
  return {
    draft,
    reason,
    setReason,
    save,
    isChanged: Object.keys(changes).length > 0,
    change(next: Draft) {
      setDraft(next);
      if (save.isError) save.reset();
    },
    conflict: theirs && {
      differences: differencesOf(draftOf(base), draftOf(theirs), draft),
      onTheirs: () => take(draftOf(theirs)),
      onMine: () => take(rebase(draftOf(base), draft, draftOf(theirs))),
    },
  };
}

/** Every setting of a destination; what is wrong is said at its field, and its tab is marked. */
export function EditDestination({ row, onClose }: EditDestinationProps) {
  const settings = useSettings(row, onClose);
  const { draft, reason, save, conflict } = settings;
  const [tab, setTab] = useState<TabName>('windows');
  const [sought, setSought] = useState<{ at: string }>();
  const problems = new Map([...refusalsOf(save.error), ...problemsOf(draft, new Date())]);
  const form: SettingForm = { draft, change: settings.change, problemAt: (at) => problems.get(at) };
  const firstWrong = [...problems.keys()].find((at) => tabs.some((each) => each.at.test(at)));
  const seek = (at: string): void => {
    setTab(tabs.find((each) => each.at.test(at))?.name ?? tab);
    setSought({ at });
  };
  useEffect(() => {
    if (sought) document.getElementById(idOf(sought.at))?.focus();
  }, [sought]);
  const submit = (): void => {
    if (firstWrong === undefined) save.mutate();
    else seek(firstWrong);
  };
  return (
    <FormDialog
      title={`Settings of ${row.name}`}
      size="860px"
      noValidate
      confirm="Save"
      incomplete={!isReason(reason) || !settings.isChanged || conflict !== undefined}
      working={save.isPending}
      error={isStale(save.error) ? undefined : save.error?.message}
      onClose={onClose}
      onConfirm={submit}
    >
      <SettingTabs row={row} form={form} problems={problems} tab={tab} onTab={setTab} />
      {conflict && <SettingConflict {...conflict} />}
      <ReasonField value={reason} onChange={settings.setReason} along="and with what you changed" />
    </FormDialog>
  );
}

interface SettingTabsProps {
  row: Destination;
  form: SettingForm;
  problems: ReadonlyMap<string, string>;
  tab: TabName;
  onTab(name: TabName): void;
}

function SettingTabs({ row, form, problems, tab, onTab }: SettingTabsProps) {
  return (
    <Tabs value={tab} onChange={(name) => onTab((name as TabName | null) ?? tab)} keepMounted={false}>
      <Tabs.List mb="md">
        {tabs.map(({ name, title, at }) => (
          <Tabs.Tab key={name} value={name} rightSection={<WrongMark problems={problems} at={at} />}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <div className="setting-tabs">
        <Tabs.Panel value="windows">
          <WindowFields form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="retries">
          <RetryFields form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="breaker">
          <BreakerTab form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="outage">
          <OutageTab form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="limits">
          <SettingInputs
            form={form}
            fields={limitFields}
            placeholders={{ '/openMax': formatCount(row.openMaxInForce) }}
          />
        </Tabs.Panel>
      </div>
    </Tabs>
  );
}

function WrongMark({ problems, at }: { problems: ReadonlyMap<string, string>; at: RegExp }) {
  if (![...problems.keys()].some((key) => at.test(key))) return null;
  return <IconAlertCircle size={15} color="var(--mantine-color-error)" aria-label="has a mistake" />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Divider label={title} labelPosition="left" mb="xs" />
      {children}
    </div>
  );
}

function BreakerTab({ form }: { form: SettingForm }) {
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        No connection, time-outs, 5xx and refused credentials count; refusals in substance and 429 do not. While it is
        open nothing is called, and no attempt is spent.
      </Text>
      <Part title="Opens after">
        <SettingInputs form={form} fields={breakerFields} />
      </Part>
      <Part title="Probes while it is open">
        <SettingInputs form={form} fields={probeFields} />
      </Part>
    </Stack>
  );
}

function OutageTab({ form }: { form: SettingForm }) {
  return (
    <Stack gap="md">
      <Part title="Health check, where the connector has one">
        <SettingInputs form={form} fields={healthFields} />
      </Part>
      <Part title="After a window or an outage">
        <SettingInputs form={form} fields={drainFields} />
      </Part>
    </Stack>
  );
}
