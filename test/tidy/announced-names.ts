import { isTest, listFiles, readText } from './source-files.ts';

/**
 * Events whose name is put together where they are published: the text that stands there for each. A new one wants the
 * reason why its name cannot stand there in full.
 */
const composedEvents: Readonly<Record<string, string>> = {
  // A customer's record is created, changed or blocked by one route, and which of it is seen when it is written.
  'master.customer.created': '`master.customer.${',
  'master.customer.changed': '`master.customer.${',
  'master.customer.blocked': '`master.customer.${',
  // The routes that pause and resume are made by one function, and differ in this word.
  'ops.system.paused': '`ops.system.${what}`',
  'ops.system.resumed': '`ops.system.${what}`',
};

/** The product's texts but for the catalog itself. */
function productTexts(catalog: string): string[] {
  return listFiles('src')
    .filter((path) => path.endsWith('.ts') && !isTest(path) && path !== catalog)
    .map(readText);
}

/**
 * A text without the places where a name is only listened for, asked about, counted or explained: what flows are started
 * `on`, comparisons, keys of tables, types and comments.
 */
export function withoutMentions(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1')
    .replaceAll(/\b(?:on|events): \[[^\]]*\]/g, '')
    .replaceAll(/[!=]== '[^'\n]*'/g, '')
    .replaceAll(/'[^'\n]*':/g, '')
    .replaceAll(/(?<!\|)\| '[^'\n]*'|'[^'\n]*' \|(?!\|)/g, '');
}

/** Names of events that the product never publishes. */
export function unpublishedEvents(names: readonly string[]): string[] {
  const texts = productTexts('src/events/event-catalog.ts');
  const published = texts.map(withoutMentions).join('\n');
  return names.filter((name) => {
    const composed = composedEvents[name];
    return composed === undefined ? !published.includes(`'${name}'`) : !texts.some((text) => text.includes(composed));
  });
}

/** Codes of exceptions that the product never opens. */
export function unopenedExceptions(codes: readonly string[]): string[] {
  const opened = productTexts('src/exceptions/exception-catalog.ts').map(withoutMentions).join('\n');
  return codes.filter((code) => !new RegExp(`['"]${code}['"]`).test(opened));
}

/** Codes of errors that the product never raises. A key, as where a code is given its HTTP status, raises nothing. */
export function unraisedErrors(codes: readonly string[]): string[] {
  const raised = productTexts('src/platform/error-catalog.ts').map(withoutMentions).join('\n');
  return codes.filter((code) => !raised.includes(`'${code}'`));
}
