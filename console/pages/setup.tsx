import { Badge, Card, Code, Divider, Group, Progress, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck, IconCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import type { Checklist } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { PageHeader } from '../parts/page-header.tsx';
import { Failed, Loading } from '../parts/states.tsx';

type Step = Checklist['steps'][number];

/** The first-run checklist: each step ticks itself from what is there. */
export function SetupPage() {
  const list = useQuery({ queryKey: ['checklist'], queryFn: () => call('GET /v1/checklist'), refetchInterval: 5_000 });
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const { steps, done } = list.data;
  const next = steps.find((step) => !step.done);
  return (
    <>
      <PageHeader title="First steps" subtitle={`${done} of ${steps.length} done. Steps tick themselves.`} />
      <Progress value={(done / Math.max(1, steps.length)) * 100} mb="md" aria-label="Steps done" />
      {next?.how.includes('PUT') && (
        <Text size="sm" mb="md" maw={760}>
          A whole company fits into one file: <Code>./bin/crossdock apply company.yaml</Code> shows the difference,
          asks, and makes it so; applied again it changes nothing. <Code>docs/examples/company.yaml</Code> is a small
          one to begin with, with a word about each part.
        </Text>
      )}
      <Card p={0} maw={860}>
        {steps.map((step, index) => (
          <Fragment key={step.id}>
            {index > 0 && <Divider />}
            <StepLine step={step} next={step === next} />
          </Fragment>
        ))}
      </Card>
    </>
  );
}

function StepLine({ step, next }: { step: Step; next: boolean }) {
  return (
    <Group wrap="nowrap" align="flex-start" px="md" py={10}>
      <ThemeIcon
        radius="xl"
        size={24}
        mt={2}
        variant={step.done ? 'filled' : 'light'}
        color={step.done ? 'teal' : 'gray'}
        aria-hidden
      >
        {step.done ? <IconCheck size={14} /> : <IconCircle size={14} />}
      </ThemeIcon>
      <div>
        <Group gap={8}>
          <Title order={2} fz="sm">
            {step.title}
          </Title>
          <Text span size="sm" c="dimmed">
            {step.done ? `done${step.count ? ` · ${formatCount(step.count)}` : ''}` : 'to do'}
          </Text>
          {next && (
            <Badge variant="light" tt="none">
              Next
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
          <How text={step.how} />
        </Text>
      </div>
    </Group>
  );
}

/** What can be typed or called stands out from the sentence around it. */
function How({ text }: { text: string }) {
  return text
    .split(/((?:GET|PUT|POST|PATCH) \/[^\s,]+|crossdock [a-z]+)/)
    .map((part, index) => (index % 2 === 1 ? <Code key={index}>{part}</Code> : part));
}
