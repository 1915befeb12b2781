/** What the driver's `query` answers: a promise, or the query that it was given, which tells its callback. */
type Asked = Promise<unknown> | { callback?: (error: Error | null, result: unknown) => void } | undefined;

/** Calls `told` once a statement has been answered or refused; answers what whoever sent it is to get. */
export function whenAnswered(asked: unknown, told: (error: unknown) => void): unknown {
  const answer = asked as Asked;
  if (answer instanceof Promise) {
    return answer.then(
      (result) => {
        told(undefined);
        return result;
      },
      (error: unknown) => {
        told(error);
        throw error;
      },
    );
  }
  const callback = answer?.callback;
  if (answer === undefined || callback === undefined) return answer;
  answer.callback = (error, result) => {
    told(error ?? undefined);
    callback(error, result);
  };
  return answer;
}
