import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router';
import { NotFoundPage } from './pages/not-found.tsx';
import { Loading } from './parts/states.tsx';
import { Shell } from './shell.tsx';

/** Filters live in the address, so that a view can be bookmarked and sent to a colleague. */
function textFilters<const K extends string>(...names: K[]) {
  return (search: Record<string, unknown>): Partial<Record<K, string>> => {
    const kept: Partial<Record<K, string>> = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value !== '') kept[name] = value;
    }
    return kept;
  };
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

const ordersRoute = createRoute({
  getParentRoute: () => root,
  path: '/orders',
  validateSearch: textFilters('milestone', 'show', 'channel', 'customer', 'customerPo'),
  component: lazyRouteComponent(() => import('./pages/orders.tsx'), 'OrdersPage'),
});
const importRoute = createRoute({
  getParentRoute: () => root,
  path: '/orders/import',
  component: lazyRouteComponent(() => import('./pages/import.tsx'), 'ImportPage'),
});
const accessRoute = createRoute({
  getParentRoute: () => root,
  path: '/access',
  validateSearch: textFilters('tab'),
  component: lazyRouteComponent(() => import('./pages/access.tsx'), 'AccessPage'),
});
const auditRoute = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: textFilters('actor', 'action', 'subjectId'),
  component: lazyRouteComponent(() => import('./pages/audit.tsx'), 'AuditPage'),
});
const orderRoute = createRoute({
  getParentRoute: () => root,
  path: '/orders/$id',
  validateSearch: textFilters('tab'),
  component: lazyRouteComponent(() => import('./pages/order.tsx'), 'OrderPage'),
});
const exceptionsRoute = createRoute({
  getParentRoute: () => root,
  path: '/exceptions',
  validateSearch: textFilters('class', 'ownerRole', 'state', 'code', 'assignee', 'q', 'overdue', 'sort'),
  component: lazyRouteComponent(() => import('./pages/exceptions.tsx'), 'ExceptionsPage'),
});
const exceptionRoute = createRoute({
  getParentRoute: () => root,
  path: '/exceptions/$id',
  component: lazyRouteComponent(() => import('./pages/exception.tsx'), 'ExceptionPage'),
});
const messagesRoute = createRoute({
  getParentRoute: () => root,
  path: '/messages',
  validateSearch: textFilters('direction', 'channel', 'partner', 'state', 'correlationId'),
  component: lazyRouteComponent(() => import('./pages/messages.tsx'), 'MessagesPage'),
});
const messageRoute = createRoute({
  getParentRoute: () => root,
  path: '/messages/$id',
  component: lazyRouteComponent(() => import('./pages/message.tsx'), 'MessagePage'),
});
const deliveriesRoute = createRoute({
  getParentRoute: () => root,
  path: '/deliveries',
  validateSearch: textFilters('state', 'destination', 'correlationId', 'inner'),
  component: lazyRouteComponent(() => import('./pages/deliveries.tsx'), 'DeliveriesPage'),
});
const deliveryRoute = createRoute({
  getParentRoute: () => root,
  path: '/deliveries/$id',
  component: lazyRouteComponent(() => import('./pages/delivery.tsx'), 'DeliveryPage'),
});
const replaysRoute = createRoute({
  getParentRoute: () => root,
  path: '/replays',
  component: lazyRouteComponent(() => import('./pages/replays.tsx'), 'ReplaysPage'),
});
const replayRoute = createRoute({
  getParentRoute: () => root,
  path: '/replays/$id',
  component: lazyRouteComponent(() => import('./pages/replays.tsx'), 'ReplayPage'),
});
const inventoryRoute = createRoute({
  getParentRoute: () => root,
  path: '/inventory',
  validateSearch: textFilters('sku', 'channel'),
  component: lazyRouteComponent(() => import('./pages/inventory.tsx'), 'InventoryPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    createRoute({
      getParentRoute: () => root,
      path: '/',
      component: lazyRouteComponent(() => import('./pages/control-tower.tsx'), 'ControlTowerPage'),
    }),
    ordersRoute,
    importRoute,
    orderRoute,
    exceptionsRoute,
    exceptionRoute,
    messagesRoute,
    messageRoute,
    deliveriesRoute,
    deliveryRoute,
    replaysRoute,
    replayRoute,
    inventoryRoute,
    accessRoute,
    auditRoute,
    createRoute({
      getParentRoute: () => root,
      path: '/destinations',
      component: lazyRouteComponent(() => import('./pages/destinations.tsx'), 'DestinationsPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/connections',
      component: lazyRouteComponent(() => import('./pages/connections.tsx'), 'ConnectionsPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/reconcile',
      component: lazyRouteComponent(() => import('./pages/reconcile.tsx'), 'ReconcilePage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/setup',
      component: lazyRouteComponent(() => import('./pages/setup.tsx'), 'SetupPage'),
    }),
  ]),
  // Plain text both ways: a PO of digits stays the text it is.
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
  // A page's code comes when somebody points at its link.
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
