import { Tabs } from '@mantine/core';
import { IconKey, IconTable, IconUsers } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ApiKeys } from '../parts/api-keys.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { People } from '../parts/people.tsx';
import { RoleMatrix } from '../parts/role-matrix.tsx';

const accessRoute = getRouteApi('/access');

/** Who and what may use the hub, and what each may do. */
export function AccessPage() {
  const { tab = 'people' } = accessRoute.useSearch();
  const navigate = useNavigate({ from: '/access' });
  return (
    <>
      <PageHeader title="People and keys" subtitle="Who may use the hub, which programs, and what each may do." />
      <Tabs
        value={tab}
        onChange={(value) => void navigate({ to: '/access', search: { tab: value ?? 'people' }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="people" leftSection={<IconUsers size={16} />}>
            People
          </Tabs.Tab>
          <Tabs.Tab value="keys" leftSection={<IconKey size={16} />}>
            API keys
          </Tabs.Tab>
          <Tabs.Tab value="roles" leftSection={<IconTable size={16} />}>
            Roles
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="people">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <ApiKeys />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <RoleMatrix />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
