import { Card, Code, Group, Progress, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck, IconCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { PageHeader } from '../parts/page-header.tsx';
import { Failed, Loading } from '../parts/states.tsx';

/** The first-run checklist: each step ticks itself from what is there. */
export function SetupPage() {
  const list = useQuery({ queryKey: ['checklist'], queryFn: () => call('GET /v1/checklist'), refetchInterval: 5_000 });
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const { steps, done } = list.data;
  return (
    <>
      <PageHeader title="First steps" subtitle={`${done} of ${steps.length} done. Steps tick themselves.`} />
      <Progress value={(done / Math.max(1, steps.length)) * 100} mb="md" aria-label="Steps done" />
      <Stack gap="sm">
        {steps.map((step) => (
          <Card key={step.id}>
            <Group wrap="nowrap" align="flex-start">
              <ThemeIcon
                radius="xl"
                variant={step.done ? 'filled' : 'light'}
                color={step.done ? 'teal' : 'gray'}
                aria-hidden
              >
                {step.done ? <IconCheck size={16} /> : <IconCircle size={16} />}
              </ThemeIcon>
              <div>
                <Title order={2}>
                  {step.title}{' '}
                  <Text span size="sm" c="dimmed">
                    {step.done ? `done${step.count ? ` · ${formatCount(step.count)}` : ''}` : 'to do'}
                  </Text>
                </Title>
                <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
                  <How text={step.how} />
                </Text>
              </div>
            </Group>
          </Card>
        ))}
      </Stack>
    </>
  );
}

/** What can be typed or called stands out from the sentence around it. */
function How({ text }: { text: string }) {
  return text
    .split(/((?:GET|PUT|POST|PATCH) \/[^\s,]+|crossdock [a-z]+)/)
    .map((part, index) => (index % 2 === 1 ? <Code key={index}>{part}</Code> : part));
}
