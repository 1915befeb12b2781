import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ExceptionDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatDecimal, words } from '../format.ts';
import { AssigneeSelect } from './assignees.tsx';

export type ExceptionAction = ExceptionDetail['actions'][number];

export interface InputField {
  name: string;
  title: string;
  required: boolean;
  type: string;
  description?: string;
  values?: string[];
}

interface InputSchema {
  properties?: Record<string, { title?: string; description?: string; enum?: string[]; type?: string }>;
  required?: string[];
}

const titles: Record<string, string> = {
  canonicalId: 'It stands for',
  price: 'Fill the line at',
  until: 'Hide it for',
  outsideId: 'Its id over there',
  assignee: 'Who looks after it',
};

/** The action's JSON Schema as form fields. */
export function fieldsOf(action: ExceptionAction): InputField[] {
  const schema = action.input as InputSchema | undefined;
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    title: property.title ?? titles[name] ?? words(name),
    required: schema?.required?.includes(name) ?? false,
    type: property.type ?? 'string',
    ...(property.description ? { description: property.description } : {}),
    ...(property.enum ? { values: property.enum } : {}),
  }));
}

/** What stands in a field at first: the choice that is meant when nothing is said. */
export function firstInput(fields: readonly InputField[]): Record<string, string> {
  return Object.fromEntries(fields.filter((field) => field.name === 'price').map((field) => [field.name, 'po']));
}

/** Text as the schema wants it; empty optional fields are left out. */
export function typedInput(fields: readonly InputField[], input: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    fields
      .filter((field) => (input[field.name] ?? '').trim() !== '')
      .map((field) => {
        const text = (input[field.name] ?? '').trim();
        if (field.type === 'integer' || field.type === 'number') return [field.name, Number(text)];
        return [field.name, field.type === 'boolean' ? text === 'true' : text];
      }),
  );
}

interface FieldProps {
  field: InputField;
  exception: ExceptionDetail;
  value: string;
  onChange(value: string): void;
  /** The cursor stands in it when the dialog opens. */
  autoFocus?: boolean;
}

/** A field as what it is: a choice where the possible values are known, text where they are not. */
export function ActionField(props: FieldProps) {
  const { field } = props;
  if (field.name === 'price') {
    const { description: _, ...plain } = field;
    return <Choice {...props} field={plain} data={prices} />;
  }
  if (field.name === 'counted') return <CountedField {...props} />;
  if (field.values) return <Choice {...props} data={field.values.map((value) => ({ value, label: words(value) }))} />;
  if (field.name === 'canonicalId') return <CanonicalField {...props} />;
  if (field.name === 'until') return <SnoozeField {...props} label={field.title} />;
  if (field.name === 'assignee') return <AssigneeSelect {...props} label={field.title} />;
  return (
    <TextInput
      label={field.title}
      description={field.description}
      required={field.required}
      value={props.value}
      data-autofocus={props.autoFocus}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      autoComplete="off"
    />
  );
}

const prices = [
  { value: 'po', label: "The purchase order's price" },
  { value: 'contract', label: 'Our contract price' },
];

/** What was found, in the unit that it is counted in. */
function CountedField(props: FieldProps) {
  const { uom, held } = (props.exception.data ?? {}) as { uom?: string; held?: string };
  const unit = uom === undefined ? '' : ` (${uom})`;
  return (
    <TextInput
      label={`Found${unit}`}
      description={
        held === undefined
          ? undefined
          : `Of the ${formatDecimal(held)}${uom === undefined ? '' : ` ${uom}`} that could not be found.`
      }
      required={props.field.required}
      value={props.value}
      inputMode="decimal"
      data-autofocus={props.autoFocus}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      autoComplete="off"
    />
  );
}

function Choice({
  field,
  value,
  onChange,
  data,
  autoFocus,
}: FieldProps & { data: { value: string; label: string }[] }) {
  return (
    <Select
      label={field.title}
      description={field.description}
      required={field.required}
      data-autofocus={autoFocus}
      searchable={data.length > 8}
      nothingFoundMessage="Nothing by that name"
      limit={200}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      data={data}
    />
  );
}

/** What the code can stand for: the customer's own ship-tos, or our items, customers or locations. */
function useCandidates(exception: ExceptionDetail): { value: string; label: string }[] | undefined {
  const data = (exception.data ?? {}) as { type?: string; customer?: string; scope?: string };
  const accountNo = data.scope ?? data.customer ?? '';
  const type = data.type ?? (exception.code === 'SHIPTO_INVALID' ? 'ship-to' : 'item');
  return useQuery({
    queryKey: ['candidates', type, accountNo],
    queryFn: async () => {
      if (type === 'ship-to') {
        const customer = await call('GET /v1/customers/{accountNo}', { params: { accountNo } });
        return customer.addresses
          .filter((address) => address.usage === 'shipTo' && address.active !== false)
          .map((address) => ({
            value: address.id,
            label: [address.id, address.name, address.address.city].filter(Boolean).join(' · '),
          }));
      }
      if (type === 'customer') {
        const page = await call('GET /v1/customers', { query: { limit: 500 } });
        return page.data.map(({ value }) => ({
          value: value.accountNo,
          label: `${value.accountNo} · ${value.legalName}`,
        }));
      }
      if (type === 'location') {
        const page = await call('GET /v1/locations', { query: { limit: 500 } });
        return page.data.map(({ value }) => ({ value: value.code, label: `${value.code} · ${value.name}` }));
      }
      const page = await call('GET /v1/items', { query: { limit: 500 } });
      return page.data.map(({ value }) => ({ value: value.sku, label: `${value.sku} · ${value.description}` }));
    },
  }).data;
}

function CanonicalField(props: FieldProps) {
  const candidates = useCandidates(props.exception);
  return <Choice {...props} data={candidates ?? []} />;
}

const hours = [1, 4, 24, 72];

interface SnoozeFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  autoFocus?: boolean | undefined;
}

/** For how long, said as an instant. */
export function SnoozeField({ label, value, onChange, autoFocus }: SnoozeFieldProps) {
  const chosen = hours.find((count) => Math.abs(Date.parse(value) - Date.now() - count * 3_600_000) < 600_000);
  return (
    <Select
      label={label}
      description="It comes back by itself."
      required
      data-autofocus={autoFocus}
      value={chosen === undefined ? null : String(chosen)}
      onChange={(count) =>
        onChange(count === null ? '' : new Date(Date.now() + Number(count) * 3_600_000).toISOString())
      }
      data={hours.map((count) => ({
        value: String(count),
        label:
          count < 24 ? `${count} ${count === 1 ? 'hour' : 'hours'}` : `${count / 24} ${count === 24 ? 'day' : 'days'}`,
      }))}
    />
  );
}
