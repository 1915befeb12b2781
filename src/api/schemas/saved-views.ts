import { type Static, Type } from 'typebox';
import { closed, Instant } from '../../model/index.ts';

const filter = Type.Optional(Type.String({ minLength: 1, maxLength: 120 }));

/** The filters of the queue of exceptions as they stand in the console's address. */
const Filters = closed({
  class: filter,
  ownerRole: filter,
  state: filter,
  code: filter,
  assignee: filter,
  q: filter,
  overdue: filter,
  sort: filter,
});

export const SaveViewBody = closed({
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S', description: 'one of the same name gives way' }),
  filters: Filters,
});
export type SaveViewBody = Static<typeof SaveViewBody>;

export const SavedView = closed({
  id: Type.String(),
  name: Type.String(),
  filters: Filters,
  savedAt: Instant,
});
export type SavedView = Static<typeof SavedView>;
