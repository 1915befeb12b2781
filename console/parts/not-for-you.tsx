import { IconLock } from '@tabler/icons-react';
import { words } from '../format.ts';
import { useMe } from '../session.tsx';
import { Empty } from './states.tsx';

/** In place of a page that the role may not use, for whoever comes by its address. */
export function NotForYou() {
  const { roles } = useMe();
  return (
    <Empty icon={<IconLock size={40} />} title="This page is not for your role">
      You are signed in as {roles.map((role) => words(role).toLowerCase()).join(', ')}. An admin can give you another
      role under <em>People and keys</em>.
    </Empty>
  );
}
