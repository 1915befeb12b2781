import { describe, expect, it } from 'vitest';
import { datesOfQueue, promiseCurve } from './expected-dates.ts';

describe('promiseCurve', () => {
  it('carries what a later period lacks back into the earlier ones', () => {
    expect(promiseCurve('0', ['40', '0', '60', '0'], ['0', '25', '30', '10'])).toEqual(['15', '15', '35', '35']);
  });

  it('starts from what is free now and promises nothing below zero', () => {
    expect(promiseCurve('5', ['0', '10'], ['0', '20'])).toEqual(['0', '0']);
    expect(promiseCurve('2.5', ['0', '1'], ['0', '0'])).toEqual(['2.5', '3.5']);
  });
});

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
