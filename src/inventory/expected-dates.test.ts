import { describe, expect, it } from 'vitest';
import { datesOfQueue } from './expected-dates.ts';

describe('datesOfQueue', () => {
  it('gives each its turn along the supply, and no date to those it does not reach', () => {
    const supply = [
      { dueDate: '2026-06-15', quantity: '5' },
      { dueDate: '2026-07-01', quantity: '2' },
    ];
    const waiting = ['a', 'b', 'c', 'd'].map((demandKey, i) => ({ demandKey, open: ['3', '2', '1', '9'][i]! }));
    expect([...datesOfQueue(supply, waiting)]).toEqual([
      ['a', '2026-06-15'],
      ['b', '2026-06-15'],
      ['c', '2026-07-01'],
    ]);
  });
});
