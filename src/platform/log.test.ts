import { describe, expect, it } from 'vitest';
import { createLogger } from './index.ts';

function linesOf(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger({ level: 'info', name: 'test', to: { write: (line) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLogger', () => {
  it('writes one JSON object per line with level, time and name', () => {
    const [line] = linesOf((log) => log.child({ lane: 3 }).warn({ orderId: 'o1' }, 'late'));
    expect(line).toMatchObject({ level: 'warn', name: 'test', lane: 3, orderId: 'o1', msg: 'late' });
    expect(Date.parse(String(line?.['time']))).not.toBeNaN();
  });

  it('leaves lines below its level out', () => {
    expect(linesOf((log) => log.debug('detail'))).toEqual([]);
  });

  it('never writes a secret, at any depth that the hub logs', () => {
    const text = JSON.stringify(
      linesOf((log) => {
        log.info({ adminKey: 'canary1', connection: { password: 'canary2' } });
        log.info({ req: { headers: { authorization: 'canary3', cookie: 'canary4' } } });
      }),
    );
    expect(text).not.toMatch(/canary/);
    expect(text.match(/\[redacted\]/g)).toHaveLength(4);
  });
});
