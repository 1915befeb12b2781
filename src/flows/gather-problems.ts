import type { AdmissionProblem, StoredMessage } from '../exchange/index.ts';

/** Documents of one message that may each have an exception of the same kind; of more than that nobody reads each. */
const EACH_MAX = 10;
/** Of those that share an exception, how many it names. */
const NAMED_MAX = 20;

/** Makes one problem of many of one kind in a message: with their count, the first of them named. */
export function gatherProblems(
  message: StoredMessage,
  problems: readonly AdmissionProblem[],
): readonly AdmissionProblem[] {
  const gathered = problems.filter(({ documentId }) => documentId === undefined);
  const ofDocuments = problems.filter(({ documentId }) => documentId !== undefined);
  for (const alike of Map.groupBy(ofDocuments, ({ code }) => code).values()) {
    if (alike.length <= EACH_MAX) gathered.push(...alike);
    else gathered.push(oneOf(message, alike as [AdmissionProblem, ...AdmissionProblem[]]));
  }
  return gathered;
}

function oneOf(message: StoredMessage, alike: readonly [AdmissionProblem, ...AdmissionProblem[]]): AdmissionProblem {
  const [first] = alike;
  return {
    code: first.code,
    correlationId: message.correlationId,
    cause: `${alike.length.toLocaleString('en-US')} documents of the message share this; the first: ${first.cause}`,
    ...(first.suggestedFix === undefined ? {} : { suggestedFix: first.suggestedFix }),
    data: {
      ...first.data,
      documentCount: alike.length,
      documents: alike.slice(0, NAMED_MAX).map(({ documentId, cause }) => ({ documentId, cause })),
    },
  };
}
