import {
  ActionIcon,
  AppShell,
  Avatar,
  Badge,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  NavLink,
  Text,
  Tooltip,
  UnstyledButton,
  VisuallyHidden,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import {
  IconAlertTriangle,
  IconBuildingWarehouse,
  IconHelp,
  IconListDetails,
  IconLogout,
  IconMail,
  IconMoon,
  IconPlugConnected,
  IconRadar2,
  IconRepeat,
  IconRocket,
  IconRoute,
  IconSearch,
  IconSend,
  IconShieldCheck,
  IconSun,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { call } from './api.ts';
import { formatCount } from './format.ts';
import { useLiveFeed, useLiveState } from './live.ts';
import { LostBanner } from './parts/lost-banner.tsx';
import { NotForYou } from './parts/not-for-you.tsx';
import { ReconcileBanner } from './parts/reconcile-banner.tsx';
import { forgetMe, useMe } from './session.tsx';

const loadSearch = () => import('./parts/search-dialog.tsx');
const SearchDialog = lazy(loadSearch);
const KeyboardHelp = lazy(() => import('./parts/keyboard-help.tsx'));
/** What the reader's keyboard calls it. */
const searchKeys = /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K';

interface PageLink {
  to: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  keys: string;
  /** Shown to those who may do this. */
  action?: string;
}

/** The day's work first, then what carries it, then what is set up once. */
const pageGroups: readonly { title: string; pages: readonly PageLink[] }[] = [
  {
    title: 'Work',
    pages: [
      { to: '/', label: 'Control tower', icon: IconRadar2, keys: 'g t' },
      { to: '/orders', label: 'Orders', icon: IconListDetails, keys: 'g o' },
      { to: '/exceptions', label: 'Exceptions', icon: IconAlertTriangle, keys: 'g e' },
      { to: '/inventory', label: 'Inventory', icon: IconBuildingWarehouse, keys: 'g i' },
    ],
  },
  {
    title: 'Traffic',
    pages: [
      { to: '/messages', label: 'Messages', icon: IconMail, keys: 'g m' },
      { to: '/deliveries', label: 'Deliveries', icon: IconSend, keys: 'g d' },
      { to: '/replays', label: 'Replays', icon: IconRepeat, keys: 'g r' },
      { to: '/destinations', label: 'Destinations', icon: IconRoute, keys: 'g s' },
    ],
  },
  {
    title: 'Set-up',
    pages: [
      { to: '/connections', label: 'Connections', icon: IconPlugConnected, keys: 'g c' },
      { to: '/access', label: 'People and keys', icon: IconUsers, keys: 'g p', action: 'identity.manage' },
      { to: '/audit', label: 'Audit', icon: IconShieldCheck, keys: 'g a', action: 'audit.read' },
      { to: '/setup', label: 'First steps', icon: IconRocket, keys: 'g f' },
    ],
  },
];

function usePageGroups() {
  const { actions } = useMe();
  return pageGroups.map(({ title, pages }) => ({
    title,
    pages: pages.filter(({ action }) => action === undefined || actions.includes(action)),
  }));
}

const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When "g" was pressed; by the events' own time, which a page that is busy meanwhile does not make later. */
let lastG = Number.NEGATIVE_INFINITY;
const secondKeyMs = 3_000;

/** "g" then a letter goes to a page, as in mail and code review; ⌘K or "/" searches; "?" lists the keys. */
function useNavigationKeys(pages: readonly PageLink[], openSearch: () => void, openHelp: () => void): void {
  const navigate = useNavigate();
  useHotkeys([
    ['mod+K', openSearch],
    ['/', openSearch],
    ['shift+?', openHelp],
    [
      'g',
      (event) => {
        lastG = event.timeStamp;
      },
    ],
    ...pages.map((page): [string, (event: KeyboardEvent) => void] => [
      page.keys.slice(-1),
      (event) => {
        if (event.timeStamp - lastG > secondKeyMs) return;
        lastG = Number.NEGATIVE_INFINITY;
        void navigate({ to: page.to } as Parameters<typeof navigate>[0]);
      },
    ]),
  ]);
}

export function Shell() {
  useLiveFeed();
  const [opened, { toggle, close }] = useDisclosure();
  const [searching, search] = useDisclosure();
  const [helping, help] = useDisclosure();
  const groups = usePageGroups();
  const pages = groups.flatMap((group) => group.pages);
  const { pathname } = useLocation();
  const isClosed = useClosedPage(pathname);
  useNavigationKeys(pages, search.open, help.open);
  // There before it is asked for: what is typed right after its key must not be lost.
  useEffect(() => void loadSearch(), []);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="lg"
    >
      <a className="skip" href="#content">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Open navigation" />
            <Link to="/" className="quiet-link" aria-label="Crossdock">
              <Group gap={8} wrap="nowrap">
                <img src="/icon.svg" width={26} height={26} alt="" />
                <Text fw={700} visibleFrom="xs">
                  Crossdock
                </Text>
              </Group>
            </Link>
            <TenantBadge />
          </Group>
          <SearchButton onClick={search.open} />
          <Group gap="xs" wrap="nowrap">
            <LiveBadge />
            <Tooltip label="Keyboard (?)">
              <ActionIcon variant="subtle" color="gray" size="lg" onClick={help.open} aria-label="Keyboard shortcuts">
                <IconHelp size={18} />
              </ActionIcon>
            </Tooltip>
            <SchemeButton />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        <Navigation groups={groups} onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <LostBanner />
        <ReconcileBanner />
        {isClosed ? <NotForYou /> : <Outlet />}
      </AppShell.Main>
      <Suspense fallback={null}>
        {searching && <SearchDialog onClose={search.close} />}
        {helping && <KeyboardHelp onClose={help.close} pages={pages} />}
      </Suspense>
    </AppShell>
  );
}

/** Whether the page is one that this role may not use: by its address, since the menu does not show it. */
function useClosedPage(pathname: string): boolean {
  const { actions } = useMe();
  return pageGroups.some(({ pages }) =>
    pages.some(({ to, action }) => action !== undefined && pathname.startsWith(to) && !actions.includes(action)),
  );
}

function TenantBadge() {
  const { tenant } = useMe();
  return (
    <Badge variant="light" color={tenant.demo ? 'orange' : 'gray'} tt="none" visibleFrom="md">
      {tenant.name}
      {tenant.demo ? ' · demo' : ''}
    </Badge>
  );
}

function SearchButton({ onClick }: { onClick(): void }) {
  return (
    <Button
      variant="default"
      onClick={onClick}
      leftSection={<IconSearch size={16} />}
      styles={{ label: { flex: 1 } }}
      w={{ base: 44, sm: 260, md: 360 }}
      miw={44}
      px="sm"
      justify="flex-start"
      c="dimmed"
      fw={400}
    >
      <VisuallyHidden>Search any identifier: </VisuallyHidden>
      <Group justify="space-between" wrap="nowrap" visibleFrom="sm" w="100%">
        <Text span inherit truncate>
          PO, order, SSCC, tracking, SKU…
        </Text>
        <Kbd size="xs">{searchKeys}</Kbd>
      </Group>
    </Button>
  );
}

function LiveBadge() {
  const state = useLiveState();
  const look = { live: ['teal', 'Live'], connecting: ['gray', 'Connecting'], lost: ['red', 'Reconnecting'] } as const;
  const [color, label] = look[state];
  return (
    <Badge variant="dot" color={color} tt="none" role="status" visibleFrom="xs" miw="max-content">
      {label}
    </Badge>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      aria-label={dark ? 'Use light colours' : 'Use dark colours'}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function AccountMenu() {
  const me = useMe();
  const client = useQueryClient();
  const signOut = async () => {
    await call('DELETE /v1/session');
    forgetMe();
    client.clear();
    client.setQueryData(['me'], null);
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${me.displayName}`}>
          <Avatar color="dock" size={32} radius="xl">
            <IconUser size={18} aria-hidden />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.displayName} · {me.roles.join(', ')}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Navigation({ groups, onNavigate }: { groups: ReturnType<typeof usePageGroups>; onNavigate(): void }) {
  const { pathname } = useLocation();
  const tower = useQuery({
    queryKey: ['control-tower'],
    queryFn: () => call('GET /v1/control-tower'),
    refetchInterval: 20_000,
  });
  const counts: Record<string, number | undefined> = { '/exceptions': tower.data?.exceptions.open };
  return (
    <nav aria-label="Pages">
      {groups.map(({ title, pages }) => (
        <div key={title} role="group" aria-label={title}>
          <div className="nav-head" aria-hidden>
            {title}
          </div>
          {pages.map((page) => (
            <PageEntry
              key={page.to}
              page={page}
              active={page.to === '/' ? pathname === '/' : pathname.startsWith(page.to)}
              count={counts[page.to]}
              onNavigate={onNavigate}
            />
          ))}
        </div>
      ))}
      <Text size="xs" c="dimmed" px="sm" pt="md">
        Times in {zone}
      </Text>
    </nav>
  );
}

interface PageEntryProps {
  page: PageLink;
  active: boolean;
  count: number | undefined;
  onNavigate(): void;
}

function PageEntry({ page, active, count, onNavigate }: PageEntryProps) {
  return (
    <NavLink
      component={Link}
      to={page.to}
      label={page.label}
      active={active}
      aria-current={active ? 'page' : undefined}
      onClick={onNavigate}
      py={7}
      leftSection={<page.icon size={18} stroke={1.7} />}
      rightSection={
        count ? (
          <Badge size="sm" color="red" variant="filled" aria-label={`${count} open`}>
            {formatCount(count)}
          </Badge>
        ) : undefined
      }
      style={{ borderRadius: 8 }}
    />
  );
}
