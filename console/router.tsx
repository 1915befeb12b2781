import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { ControlTowerPage } from './pages/control-tower.tsx';
import { DeliveriesPage } from './pages/deliveries.tsx';
import { DeliveryPage } from './pages/delivery.tsx';
import { DestinationsPage } from './pages/destinations.tsx';
import { ExceptionPage } from './pages/exception.tsx';
import { ExceptionsPage } from './pages/exceptions.tsx';
import { InventoryPage } from './pages/inventory.tsx';
import { MessagePage } from './pages/message.tsx';
import { MessagesPage } from './pages/messages.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { OrderPage } from './pages/order.tsx';
import { OrdersPage } from './pages/orders.tsx';
import { SetupPage } from './pages/setup.tsx';
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

export const ordersRoute = createRoute({
  getParentRoute: () => root,
  path: '/orders',
  validateSearch: textFilters('milestone', 'show', 'channel', 'customer', 'customerPo'),
  component: OrdersPage,
});
export const orderRoute = createRoute({
  getParentRoute: () => root,
  path: '/orders/$id',
  validateSearch: textFilters('tab'),
  component: OrderPage,
});
export const exceptionsRoute = createRoute({
  getParentRoute: () => root,
  path: '/exceptions',
  validateSearch: textFilters('class', 'ownerRole', 'state', 'code'),
  component: ExceptionsPage,
});
export const exceptionRoute = createRoute({
  getParentRoute: () => root,
  path: '/exceptions/$id',
  component: ExceptionPage,
});
export const messagesRoute = createRoute({
  getParentRoute: () => root,
  path: '/messages',
  validateSearch: textFilters('direction', 'channel', 'partner', 'state', 'correlationId'),
  component: MessagesPage,
});
export const messageRoute = createRoute({ getParentRoute: () => root, path: '/messages/$id', component: MessagePage });
export const deliveriesRoute = createRoute({
  getParentRoute: () => root,
  path: '/deliveries',
  validateSearch: textFilters('state', 'destination', 'correlationId'),
  component: DeliveriesPage,
});
export const deliveryRoute = createRoute({
  getParentRoute: () => root,
  path: '/deliveries/$id',
  component: DeliveryPage,
});
export const inventoryRoute = createRoute({
  getParentRoute: () => root,
  path: '/inventory',
  validateSearch: textFilters('sku', 'channel'),
  component: InventoryPage,
});

export const router = createRouter({
  routeTree: root.addChildren([
    createRoute({ getParentRoute: () => root, path: '/', component: ControlTowerPage }),
    ordersRoute,
    orderRoute,
    exceptionsRoute,
    exceptionRoute,
    messagesRoute,
    messageRoute,
    deliveriesRoute,
    deliveryRoute,
    inventoryRoute,
    createRoute({ getParentRoute: () => root, path: '/destinations', component: DestinationsPage }),
    createRoute({ getParentRoute: () => root, path: '/setup', component: SetupPage }),
  ]),
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
