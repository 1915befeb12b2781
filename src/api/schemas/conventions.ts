import { type Static, type TSchema, Type } from 'typebox';
import { closed } from '../../model/index.ts';

/** RFC 9457 problem. `code` is stable and listed in docs/reference/errors.md; `pointer` is an RFC 6901 JSON pointer into the body, or the name of a parameter. */
export const Problem = closed(
  {
    type: Type.String({ description: 'URI of the problem type: /docs#errors-{code}' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String({ description: 'the trace id of this request, to search the logs for' })),
    errors: Type.Optional(
      Type.Array(closed({ pointer: Type.String(), code: Type.String(), message: Type.Optional(Type.String()) })),
    ),
    exceptionId: Type.Optional(Type.String({ description: 'the exception that was opened for this' })),
    existingId: Type.Optional(Type.String({ description: 'the resource that is already there (DUPLICATE_ORDER)' })),
  },
  { $id: 'Problem', title: 'Problem' },
);
export type Problem = Static<typeof Problem>;

/** One page of a list. `nextCursor` is opaque and absent on the last page. */
export function page<T extends TSchema>(item: T) {
  return closed({ data: Type.Array(item), nextCursor: Type.Optional(Type.String()) });
}
export interface Page<T> {
  data: T[];
  nextCursor?: string;
}

export const defaultPageSize = 50;
export const largestPageSize = 500;

/** Query parameters shared by every list. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: largestPageSize, description: 'default 50' })),
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: '`nextCursor` of the page before' })),
};

export const IdParams = closed({ id: Type.String({ minLength: 1, maxLength: 120 }) });
export type IdParams = Static<typeof IdParams>;

/** Free JSON: payloads and details whose shape belongs to another system. */
export const Json = Type.Unknown();

/** Every resource that is changed through PUT or an action carries its version; it is the ETag too. */
export const Version = Type.Integer({ minimum: 1 });
