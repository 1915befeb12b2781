/**
 * Server-sent events over fetch. The browser's own EventSource hears only the event names it was told of beforehand, and
 * every type of the hub's events is a name of its own.
 */
export interface EventHandlers {
  onOpen(afterLoss: boolean): void;
  onData(data: string): void;
  onLost(): void;
}

/** The hub sends a comment every 15 s; a connection that is silent for longer than this is dead, whatever TCP thinks. */
const silenceMs = 45_000;
const retryMs = 2000;
const longestRetryMs = 15_000;

/** Follows a stream until the returned function is called; after a loss it goes on after the last event it has seen. */
export function followEvents(url: string, handlers: EventHandlers): () => void {
  const stopped = new AbortController();
  let lastEventId = '';
  let failures = 0;

  const connect = async (): Promise<void> => {
    const connection = new AbortController();
    const abort = () => connection.abort();
    stopped.signal.addEventListener('abort', abort);
    let watchdog = setTimeout(abort, silenceMs);
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (lastEventId) headers['last-event-id'] = lastEventId;
      const response = await fetch(url, { headers, signal: connection.signal, credentials: 'same-origin' });
      if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
      handlers.onOpen(failures > 0);
      failures = 0;
      const parse = eventParser((event) => {
        if (event.id !== undefined) lastEventId = event.id;
        handlers.onData(event.data);
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        clearTimeout(watchdog);
        watchdog = setTimeout(abort, silenceMs);
        parse(chunk.value);
      }
    } catch {
      failures += 1;
      if (!stopped.signal.aborted) handlers.onLost();
    } finally {
      clearTimeout(watchdog);
      stopped.signal.removeEventListener('abort', abort);
    }
  };

  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await connect();
      // The hub ends streams now and then to look at credentials again; coming back at once is right then.
      await pause(failures === 0 ? 100 : Math.min(longestRetryMs, retryMs * failures), stopped.signal);
    }
  };
  void run();
  return () => stopped.abort();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** Splits text as it arrives into events (HTML standard, 9.2.6). Names are left to the data, which carries its type. */
export function eventParser(onEvent: (event: { id?: string; data: string }) => void): (text: string) => void {
  let rest = '';
  let id: string | undefined;
  let data: string[] = [];
  const takeLine = (line: string): void => {
    if (line === '') {
      if (data.length > 0) onEvent({ data: data.join('\n'), ...(id === undefined ? {} : { id }) });
      data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    if (field === 'id') id = value;
  };
  return (text) => {
    // A line end that arrives in halves must not count twice.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) takeLine(line);
  };
}
