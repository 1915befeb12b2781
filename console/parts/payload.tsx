import { ActionIcon, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** Shows a payload as text, never as markup: what partners send is never trusted. JSON is indented, EDI gets a segment per line. */
export function Payload({ label, value }: { label: string; value: unknown }) {
  const text = typeof value === 'string' ? readable(value) : JSON.stringify(value, null, 2);
  return (
    <div>
      <CopyText label={label} text={text} />
      {/* Scrollable regions must be reachable by keyboard. */}
      <pre className="payload" tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}

/** The line above a payload: what it is, and a button that copies it. */
export function CopyText({ label, text }: { label: string; text: string }) {
  return (
    <Group justify="space-between" mb={4} wrap="nowrap">
      <Text size="xs" c="dimmed" fw={600}>
        {label}
      </Text>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={`Copy ${label}`}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}

function readable(text: string): string {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  if (text.startsWith('ISA') && text.length > 106) {
    const terminator = text.charAt(105);
    if (terminator !== '\n' && terminator !== '\r')
      return text.replaceAll(terminator, `${terminator}\n`).replace(/\n\s*\n/g, '\n');
  }
  if (/^(UNA|UNB)/.test(text)) return text.replace(/'\r?\n?/g, "'\n");
  return text;
}
