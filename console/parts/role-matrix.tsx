import { Table, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api.ts';
import { words } from '../format.ts';
import { Section } from './section.tsx';
import { Failed, Loading } from './states.tsx';
import { WideTable } from './wide-table.tsx';

/** What each role may do, as the hub enforces it. */
export function RoleMatrix() {
  const roles = useQuery({ queryKey: ['roles'], queryFn: () => call('GET /v1/roles'), staleTime: Infinity });
  if (roles.isError) return <Failed error={roles.error} retry={() => void roles.refetch()} />;
  if (roles.isPending) return <Loading rows={8} />;
  const { data, actions } = roles.data;
  return (
    <Section title="What each role may do">
      <Text size="sm" c="dimmed" mb="sm">
        Several roles of one person add up. Every route of the API names one of these permissions.
      </Text>
      <WideTable label="Permissions by role" minWidth={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Permission</Table.Th>
            {data.map(({ role }) => (
              <Table.Th key={role} ta="center">
                {words(role)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {actions.map((action) => (
            <Table.Tr key={action}>
              <Table.Th scope="row" className="mono" fw={400}>
                {action}
              </Table.Th>
              {data.map(({ role, actions: allowed }) => (
                <Table.Td key={role} ta="center">
                  {allowed.includes(action) ? (
                    <IconCheck size={16} role="img" aria-label="yes" />
                  ) : (
                    <Text span c="dimmed" aria-label="no">
                      ·
                    </Text>
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Section>
  );
}
