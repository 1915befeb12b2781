import { Textarea } from '@mantine/core';

interface ReasonFieldProps {
  value: string;
  onChange(value: string): void;
  /** What the audit keeps besides the name, e.g. `and with what you changed`. */
  along?: string;
  /** What it is called; default Reason. */
  label?: string;
  /** The only field, or the last of a few: the cursor stands in it when the dialog opens. */
  autoFocus?: boolean;
}

const shortest = 3;

/** Whether it says enough for whoever reads the audit later. */
export const isReason = (text: string): boolean => text.trim().length >= shortest;

/** Why somebody does it: asked for by every change by hand. */
export function ReasonField({ value, onChange, along, label, autoFocus }: ReasonFieldProps) {
  return (
    <Textarea
      label={label ?? 'Reason'}
      description={`Kept in the audit with your name${along === undefined ? '' : ` ${along}`}.`}
      required
      minLength={shortest}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus={autoFocus}
      autosize
      minRows={autoFocus ? 2 : 1}
    />
  );
}
