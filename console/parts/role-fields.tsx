import { Badge, Checkbox, Group, Stack } from '@mantine/core';
import type { User } from '../../src/api/contract.ts';
import { words } from '../format.ts';

export type Role = User['roles'][number];

const roleHints: Record<Role, string> = {
  operations: 'orders, stock, exceptions; pauses and replays',
  customer_service: 'orders and exceptions; cancels and reserves',
  edi: 'partners, agreements, cross-references; edits and resubmits',
  integration: 'connections, destinations, replays, reconciliation',
  finance: 'prices, credit, the audit; works holds',
  admin: 'everything, with people and keys',
};
export const roleNames = Object.keys(roleHints) as Role[];

interface RoleFieldsProps {
  value: readonly Role[];
  onChange(roles: Role[]): void;
}

/** Several roles add up. */
export function RoleFields({ value, onChange }: RoleFieldsProps) {
  return (
    <Checkbox.Group label="Roles" required value={[...value]} onChange={(roles) => onChange(roles as Role[])}>
      <Stack gap={6} mt={6}>
        {roleNames.map((role) => (
          <Checkbox key={role} value={role} label={words(role)} description={roleHints[role]} size="sm" />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

export function RoleBadges({ roles }: { roles: readonly Role[] }) {
  return (
    <Group gap={4}>
      {roles.map((role) => (
        <Badge key={role} variant={role === 'admin' ? 'light' : 'default'} color="orange" tt="none" fw={600}>
          {words(role)}
        </Badge>
      ))}
    </Group>
  );
}
