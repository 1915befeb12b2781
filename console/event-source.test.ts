import { describe, expect, it } from 'vitest';
import { eventParser } from './event-source.ts';

function parseAll(...chunks: string[]): { id?: string; data: string }[] {
  const events: { id?: string; data: string }[] = [];
  const parse = eventParser((event) => events.push(event));
  for (const chunk of chunks) parse(chunk);
  return events;
}

describe('eventParser', () => {
  it('hears events of any name, with their ids', () => {
    const text = 'id: 1\nevent: sales.order.received\ndata: {"a":1}\n\nid: 2\nevent: other\ndata: {"b":2}\n\n';
    expect(parseAll(text)).toEqual([
      { id: '1', data: '{"a":1}' },
      { id: '2', data: '{"b":2}' },
    ]);
  });

  it('does not mind where the network cuts the text', () => {
    const text = 'retry: 2000\n\nid: 7\r\ndata: {"x":"é"}\r\n\r\n: beat\n\ndata: second\n\n';
    const whole = parseAll(text);
    expect(whole.map((event) => event.data)).toEqual(['{"x":"é"}', 'second']);
    for (let cut = 1; cut < text.length; cut += 1) expect(parseAll(text.slice(0, cut), text.slice(cut))).toEqual(whole);
  });

  it('joins lines of data and skips comments', () => {
    expect(parseAll(': hello\n\ndata: a\ndata: b\n\n')).toEqual([{ data: 'a\nb' }]);
  });
});
