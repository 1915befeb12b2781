import { describe, expect, it } from 'vitest';
import { isUuid, uuidv7, uuidv7TimeMs } from './index.ts';

describe('uuidv7', () => {
  it('has version 7, the RFC variant and the time it was made', () => {
    const before = Date.now();
    const id = uuidv7();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidv7TimeMs(id)).toBeGreaterThanOrEqual(before);
    expect(isUuid(id)).toBe(true);
  });

  it('is strictly increasing, also within one millisecond and when the clock steps back', () => {
    const startMs = Date.now() + 3_600_000;
    let last = uuidv7(startMs);
    for (let i = 0; i < 20_000; i++) {
      const id = uuidv7(i < 10_000 ? startMs : startMs - 5000);
      expect(id > last).toBe(true);
      last = id;
    }
  });
});

describe('isUuid', () => {
  it.each(['', 'x', '01a1fb69-78a9-7550-b1a1-63c05cb6f58', '01a1fb69x78a9-7550-b1a1-63c05cb6f584'])(
    'refuses %j',
    (text) => expect(isUuid(text)).toBe(false),
  );
});
