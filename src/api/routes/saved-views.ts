import { deleteView, listViews, saveView, type SavedView as StoredView } from '../../exceptions/index.ts';
import { HubError, isUuid } from '../../platform/index.ts';
import { recordAudit } from '../../security/index.ts';
import { defineRoute } from '../define-route.ts';
import { runOnce } from '../run-once.ts';
import { IdParams, page } from '../schemas/conventions.ts';
import { SavedView, SaveViewBody } from '../schemas/saved-views.ts';

const tag = 'Exceptions';

const viewOf = ({ savedAt, ...view }: StoredView): SavedView => ({ ...view, savedAt: savedAt.toISOString() });

export const listSavedViews = defineRoute({
  method: 'GET',
  path: '/v1/saved-views',
  access: 'exception.read',
  tag,
  summary: 'Your views of the queue of exceptions, by name',
  response: page(SavedView),
  async handle({ principal }, services) {
    const views = await services.db.tx(principal.tenantId, (tx) => listViews(tx, principal.actor));
    return { body: { data: views.map(viewOf) } };
  },
});

export const createSavedView = defineRoute({
  method: 'POST',
  path: '/v1/saved-views',
  access: 'exception.read',
  tag,
  summary: 'Keep filters of the queue of exceptions under a name',
  description: 'For yourself alone; at most 20. One of the same name gives way to it.',
  body: SaveViewBody,
  status: 201,
  response: SavedView,
  idempotent: true,
  problems: ['ACTION_NOT_ALLOWED'],
  async handle(request, services) {
    const { body, principal } = request;
    return runOnce(services, request, async (tx) => {
      const { actor } = principal;
      const saved = await saveView(tx, actor, { ...body, name: body.name.trim() }, services.clock.now());
      const subject = { kind: 'saved-view', id: saved.id };
      await recordAudit(tx, services.clock, [{ actor, action: 'saved-view.save', subject, detail: { ...body } }]);
      return { status: 201, body: viewOf(saved) };
    });
  },
});

export const deleteSavedView = defineRoute({
  method: 'DELETE',
  path: '/v1/saved-views/{id}',
  access: 'exception.read',
  tag,
  summary: 'Delete one of your views',
  params: IdParams,
  status: 204,
  async handle({ params, principal }, services) {
    const { actor, tenantId } = principal;
    await services.db.tx(tenantId, async (tx) => {
      if (!isUuid(params.id) || !(await deleteView(tx, actor, params.id))) throw new HubError('NOT_FOUND');
      const subject = { kind: 'saved-view', id: params.id };
      await recordAudit(tx, services.clock, [{ actor, action: 'saved-view.delete', subject }]);
    });
    return { status: 204 };
  },
});

export const savedViewRoutes = [listSavedViews, createSavedView, deleteSavedView];
