import { Anchor, Card } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { PageHeader } from '../parts/page-header.tsx';
import { Empty } from '../parts/states.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="There is no such page" />
      <Card>
        <Empty icon={<IconMapQuestion size={40} />} title="The address may be old">
          <Anchor component={Link} to="/">
            Go to the control tower
          </Anchor>
          , or search for the identifier that you have at hand.
        </Empty>
      </Card>
    </>
  );
}
