import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Code,
  Group,
  SegmentedControl,
  Stack,
  Table,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { IconDownload, IconFileSpreadsheet, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type DragEvent, useId, useState } from 'react';
import type { ImportReport } from '../../src/api/contract.ts';
import { formatBytes, formatCount } from '../format.ts';
import { ProblemError, readText, sendFile } from '../http.ts';
import { PageHeader } from '../parts/page-header.tsx';
import { Section } from '../parts/section.tsx';
import { Failed } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { WideTable } from '../parts/wide-table.tsx';

const template = '/v1/orders/import/template.csv';

/** Orders from a spreadsheet: choose the file, look at it, hand it in, read what became of each row. */
export function ImportPage() {
  const client = useQueryClient();
  const [file, setFile] = useState<{ name: string; file: File; text: string; key: string }>();
  const run = useMutation({
    // Its bytes: read as text first, letters of another encoding than UTF-8 would be lost before the hub could say so.
    mutationFn: (chosen: { file: File; key: string }) =>
      sendFile<ImportReport>('/v1/orders/import', chosen.file, 'text/csv', chosen.key),
    onSettled: () => {
      for (const key of ['orders', 'control-tower', 'exceptions', 'messages'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const choose = async (chosen: File | undefined) => {
    if (!chosen) return;
    run.reset();
    // The same file handed in twice is known by its key and answers the same report.
    setFile({ name: chosen.name, file: chosen, text: await chosen.text(), key: crypto.randomUUID() });
  };
  return (
    <>
      <PageHeader
        title="Import orders"
        subtitle="A CSV file, one line item a row. An order is taken whole or not at all."
      >
        <Button
          component="a"
          href={template}
          download="crossdock-orders.csv"
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          Download the template
        </Button>
      </PageHeader>
      <Stack>
        <DropArea onFile={(chosen) => void choose(chosen)} />
        {file && (
          <Chosen
            file={file}
            working={run.isPending}
            done={run.isSuccess || run.isError}
            onImport={() => run.mutate(file)}
          />
        )}
        {run.isError && <Refused error={run.error} />}
        {run.data && <Report report={run.data} />}
        <Columns />
      </Stack>
    </>
  );
}

function DropArea({ onFile }: { onFile(file: File | undefined): void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  return (
    <label
      htmlFor={id}
      className={over ? 'drop-area drop-area-over' : 'drop-area'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconUpload size={28} stroke={1.6} aria-hidden />
      <Text fw={600}>Choose a CSV file, or drop it here</Text>
      <Text size="sm" c="dimmed">
        UTF-8 with a header row, commas or semicolons, up to 10 MB and 10,000 rows
      </Text>
      <input
        id={id}
        type="file"
        accept=".csv,text/csv"
        className="file-input"
        onChange={(event) => onFile(event.currentTarget.files?.[0])}
      />
    </label>
  );
}

const shownLines = 6;

interface ChosenProps {
  file: { name: string; text: string };
  working: boolean;
  done: boolean;
  onImport(): void;
}

/** What was chosen, before anything is sent. */
function Chosen({ file, working, done, onImport }: ChosenProps) {
  const lines = file.text.split(/\r\n|\n|\r/).filter((line) => line !== '');
  return (
    <Section
      title={file.name}
      aside={
        <Button leftSection={<IconFileSpreadsheet size={16} />} loading={working} disabled={done} onClick={onImport}>
          Import {formatCount(Math.max(0, lines.length - 1))} rows
        </Button>
      }
    >
      <Text size="sm" c="dimmed" mb={6}>
        {formatBytes(new Blob([file.text]).size)}; the first lines:
      </Text>
      <pre className="payload" style={{ maxHeight: 160 }}>
        {lines.slice(0, shownLines).join('\n')}
        {lines.length > shownLines && '\n…'}
      </pre>
    </Section>
  );
}

function Refused({ error }: { error: Error }) {
  const errors = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
  return (
    <Stack gap="sm">
      <Failed error={error} />
      {errors.length > 0 && (
        <Card>
          <WideTable label="What is wrong with the file" minWidth={480}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Row</Table.Th>
                <Table.Th>Column</Table.Th>
                <Table.Th>What is wrong</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {errors.slice(0, 200).map((each, index) => {
                const [, row = '', column = ''] = /^\/rows\/(\d+)(?:\/(.+))?$/.exec(each.pointer) ?? [];
                return (
                  <Table.Tr key={index}>
                    <Table.Td>{row || '–'}</Table.Td>
                    <Table.Td className="mono">{column || '–'}</Table.Td>
                    <Table.Td>{each.message ?? each.code}</Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </WideTable>
        </Card>
      )}
    </Stack>
  );
}

function Report({ report }: { report: ImportReport }) {
  const [shown, setShown] = useState(report.refused + report.duplicates > 0 ? 'refused' : 'all');
  const orderNoOf = new Map(report.orders.map((order) => [order.orderId, order.orderNo]));
  const rows = report.rows.filter((row) => shown === 'all' || row.outcome === 'refused');
  return (
    <Section
      title="What became of it"
      aside={
        <SegmentedControl
          aria-label="Rows to show"
          size="xs"
          value={shown}
          onChange={setShown}
          data={[
            { value: 'refused', label: 'Refused rows' },
            { value: 'all', label: 'All rows' },
          ]}
        />
      }
    >
      <Group gap="xs" mb="sm" role="status">
        <Badge color="green" variant="light" size="lg" tt="none">
          {formatCount(report.created)} created
        </Badge>
        <Badge color="gray" variant="light" size="lg" tt="none">
          {formatCount(report.duplicates)} known already
        </Badge>
        <Badge color={report.refused > 0 ? 'red' : 'gray'} variant="light" size="lg" tt="none">
          {formatCount(report.refused)} refused
        </Badge>
        {report.messageId && (
          <Anchor component={Link} to={`/messages/${report.messageId}`} size="sm">
            The file as it was stored
          </Anchor>
        )}
      </Group>
      {rows.length === 0 ? (
        <Alert color="green">Every row was accepted.</Alert>
      ) : (
        <WideTable label="Rows of the file" minWidth={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">Row</Table.Th>
              <Table.Th>Outcome</Table.Th>
              <Table.Th>Order</Table.Th>
              <Table.Th>What is wrong</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, 1000).map((row) => (
              <Line key={row.row} row={row} orderNo={orderNoOf.get(row.orderId)} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Section>
  );
}

function Line({ row, orderNo }: { row: ImportReport['rows'][number]; orderNo: string | undefined }) {
  return (
    <Table.Tr>
      <Table.Td ta="right">{formatCount(row.row)}</Table.Td>
      <Table.Td>
        <StateBadge state={row.outcome} />
      </Table.Td>
      <Table.Td>
        {row.orderId ? (
          <Anchor component={Link} to={`/orders/${row.orderId}`} size="sm">
            {orderNo ?? row.orderId}
          </Anchor>
        ) : (
          '–'
        )}
      </Table.Td>
      <Table.Td>
        {row.errors.length === 0 && row.outcome === 'refused' && 'Another row of the same order is wrong'}
        {row.errors.map((error) => (
          <Text key={`${error.column} ${error.code}`} size="sm">
            {error.column && <Code>{error.column}</Code>} {error.message}
          </Text>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}

/** The template itself says which columns there are, and gives an example of each. */
function Columns() {
  const text = useQuery({ queryKey: ['import-template'], queryFn: () => readText(template), staleTime: Infinity });
  const [names = [], examples = []] = (text.data ?? '').split('\r\n').map((line) => line.split(','));
  if (names.length < 2) return null;
  return (
    <Section title="Columns">
      <WideTable label="Columns of the template" minWidth={900}>
        <Table.Thead>
          <Table.Tr>
            {names.map((name) => (
              <Table.Th key={name} className="mono">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            {names.map((name, index) => (
              <Table.Td key={name}>{examples[index] || <VisuallyHidden>left out</VisuallyHidden>}</Table.Td>
            ))}
          </Table.Tr>
        </Table.Tbody>
      </WideTable>
      <Text size="sm" c="dimmed" mt="xs">
        Needed are customer, customer_po, quantity, uom, and sku or gtin. Rows with the same customer and customer_po
        are one order. What each column means:{' '}
        <Anchor href="/docs" underline="always">
          API reference
        </Anchor>
        , “Submit orders as CSV”.
      </Text>
    </Section>
  );
}
