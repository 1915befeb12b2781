import { expect, it, vi } from 'vitest';
import { createOutput } from './output.ts';

function written(json: boolean): string {
  const lines: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk: unknown) => lines.push(String(chunk)) > 0),
  );
  const hostile = 'PO \u001b]0;owned\u0007 \u009b2J \u007f\r end\n\tnext';
  try {
    const output = createOutput(json);
    output.result({ hostile }, hostile);
    output.say(hostile);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines.join('');
}

it('lets nothing that came from outside steer the terminal', () => {
  const line = 'PO \\x1b]0;owned\\x07 \\x9b2J \\x7f\\x0d end\n\tnext\n';
  expect(written(false)).toBe(line + line);
});

it('writes it out in JSON too, which reads back as it was', () => {
  const [json] = written(true).split('\n');
  // oxlint-disable-next-line no-control-regex
  expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(JSON.parse(json!)).toEqual({ hostile: 'PO \u001b]0;owned\u0007 \u009b2J \u007f\r end\n\tnext' });
});
