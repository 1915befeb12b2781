import { Alert, Button, Center, Group, Loader, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ProblemError } from '../http.ts';

export function Starting({ failing }: { failing: boolean }) {
  return (
    <Center mih="100vh">
      <Stack align="center" gap="sm">
        <Loader />
        <Text c="dimmed">{failing ? 'Waiting for the hub to answer…' : 'Opening Crossdock…'}</Text>
      </Stack>
    </Center>
  );
}

/** An empty list says what would fill it. */
export function Empty({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <Center py={48}>
      <Stack align="center" gap={6} maw={460}>
        <Text c="dimmed" component="div" aria-hidden>
          {icon}
        </Text>
        <Title order={2} ta="center">
          {title}
        </Title>
        <Text c="dimmed" size="sm" ta="center" component="div" className="prose">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof ProblemError ? error.problem : undefined;
  return (
    <Alert
      color="red"
      icon={<IconPlugConnectedX size={18} />}
      title={problem?.title ?? 'Something went wrong'}
      role="alert"
    >
      <Group justify="space-between" align="end">
        <div>
          <Text size="sm">{problem?.detail ?? (error instanceof Error ? error.message : String(error))}</Text>
          {problem && (
            <Text size="xs" c="dimmed" ff="monospace">
              {problem.code}
            </Text>
          )}
        </div>
        {retry && (
          <Button size="xs" variant="light" color="red" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}

export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <Stack gap="xs" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={34} radius="sm" />
      ))}
    </Stack>
  );
}
