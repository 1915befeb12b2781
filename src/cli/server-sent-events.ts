export interface ServerSentEvent {
  readonly id: string;
  readonly data: string;
}

/** Longer than any event: what goes on beyond it without an end is not a stream of events. */
const longestBlock = 10_000_000;

/**
 * The events of a stream, by the HTML standard's rules as far as the hub uses them: lines end with LF or CRLF, several `data`
 * lines are one text, comments and blocks without data are passed over.
 *
 * @throws Error when a block does not end
 */
export async function* readServerSentEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let [rest, id] = ['', ''];
  let data: string[] = [];
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestBlock) throw new Error('the stream is not one of events');
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (line === '') {
        if (data.length > 0) yield { id, data: data.join('\n') };
        data = [];
      } else if (field === 'id') id = value;
      else if (field === 'data') data.push(value);
    }
  }
}
