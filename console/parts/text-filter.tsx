import { TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';

type TextFilterProps = Omit<TextInputProps, 'value' | 'onChange'> & { value: string; onChange(value: string): void };

/** A filter that waits until the typing pauses before it asks the hub. */
export function TextFilter({ value, onChange, ...rest }: TextFilterProps) {
  const [text, setText] = useState(value);
  const pass = useDebouncedCallback(onChange, 250);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      {...rest}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        pass(event.currentTarget.value.trim());
      }}
    />
  );
}
