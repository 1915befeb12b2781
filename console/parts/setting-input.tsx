import { NumberInput, SimpleGrid } from '@mantine/core';
import type { Draft, SettingField } from './destination-draft.ts';

export interface SettingForm {
  readonly draft: Draft;
  change(draft: Draft): void;
  /** What is wrong at a place: found here, or by the hub. */
  problemAt(at: string): string | undefined;
}

/** An id that the place of a setting has in the page, to find what is wrong. */
export const idOf = (at: string): string => `setting${at.replaceAll('/', '-')}`;

interface SettingInputProps {
  form: SettingForm;
  field: SettingField;
  placeholder?: string;
}

function SettingInput({ form, field, placeholder }: SettingInputProps) {
  const { at, label, help, unit, least, whole } = field;
  return (
    <NumberInput
      id={idOf(at)}
      label={label}
      description={help}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      suffix={unit}
      placeholder={placeholder ?? (field.optional ? 'not set' : undefined)}
      allowNegative={false}
      allowDecimal={!whole}
      thousandSeparator=","
      min={least}
      step={whole || least >= 1 ? 1 : 0.5}
      clampBehavior="none"
      value={form.draft.values[at] ?? ''}
      onChange={(value) => {
        const amount = value === '' ? ('' as const) : Number(value);
        form.change({ ...form.draft, values: { ...form.draft.values, [at]: amount } });
      }}
      error={form.problemAt(at)}
    />
  );
}

interface SettingInputsProps {
  form: SettingForm;
  fields: readonly SettingField[];
  placeholders?: Readonly<Record<string, string>>;
}

/** Numbers side by side, one below the other where there is no room. */
export function SettingInputs({ form, fields, placeholders }: SettingInputsProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: Math.min(fields.length, 5) }} spacing="sm">
      {fields.map((field) => (
        <SettingInput key={field.at} form={form} field={field} placeholder={placeholders?.[field.at]} />
      ))}
    </SimpleGrid>
  );
}
