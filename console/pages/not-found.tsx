import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Empty } from '../parts/states.tsx';

export function NotFoundPage() {
  return (
    <Empty icon={<IconMapQuestion size={40} />} title="There is no such page">
      The address may be old. <Link to="/">Go to the control tower</Link>, or search with ⌘K.
    </Empty>
  );
}
