import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { ridgeline } from './ridgeline.ts';
import { DEMO_PORTS, type Lab, startLab, SYSTEMS, type SystemName, type SystemSecrets } from './supervisor.ts';
import { startTraffic } from './traffic.ts';

const usage = `Starts the systems of the lab, each as a process of its own, and prints one line of JSON:
  {"urls": {"erp": "http://127.0.0.1:8091", ...}, "ridgeline": "FOLDER/ridgeline.json"}
The file is Ridgeline as \`crossdock apply\` takes it, with the addresses and secrets of these systems. With --company it
is FOLDER/company.json instead, made of an apply file of yours: its connections called ${SYSTEMS.join(', ')} get
them. FOLDER/secrets.json holds the secrets alone.

  node lab/main.ts [--hub http://127.0.0.1:8080] [--dir FOLDER] [--partners-dir FOLDER] [--only erp,wms-dc1]
                   [--company FILE]
                   [--profile demo|zero] [--port erp=8091]... [--free-ports]
                   [--traffic [--orders-per-minute 3]]

--traffic orders by every door as soon as the hub knows Ridgeline; it signs in with CROSSDOCK_ADMIN_KEY.
Everything stops on SIGTERM or SIGINT. A lab started again in the same folder goes on where it was.`;

const options = {
  only: { type: 'string' },
  company: { type: 'string' },
  hub: { type: 'string', default: 'http://127.0.0.1:8080' },
  profile: { type: 'string', default: 'demo' },
  dir: { type: 'string', default: join(tmpdir(), 'crossdock-lab') },
  'partners-dir': { type: 'string' },
  port: { type: 'string', multiple: true },
  'free-ports': { type: 'boolean', default: false },
  traffic: { type: 'boolean', default: false },
  'orders-per-minute': { type: 'string', default: '3' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

function systemNamed(name: string): SystemName {
  const found = SYSTEMS.find((system) => system === name);
  if (!found) throw new Error(`no such system: ${name} (there are ${SYSTEMS.join(', ')})`);
  return found;
}

function portsOf(values: Values): Partial<Record<SystemName, number>> {
  const ports: Partial<Record<SystemName, number>> = values['free-ports'] ? {} : { ...DEMO_PORTS };
  for (const assignment of values.port ?? []) {
    const [name = '', port = ''] = assignment.split('=');
    ports[systemNamed(name)] = Number(port);
  }
  return ports;
}

// Kept over restarts: the hub has been told them.
function readSecrets(dir: string): Partial<Record<SystemName, SystemSecrets>> {
  const file = join(dir, 'secrets.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function writePrivate(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

async function main(values: Values): Promise<void> {
  if (values.profile !== 'demo' && values.profile !== 'zero') throw new Error('--profile is demo or zero');
  const adminKey = process.env.CROSSDOCK_ADMIN_KEY;
  if (values.traffic && !adminKey) throw new Error('--traffic needs CROSSDOCK_ADMIN_KEY');
  const dir = resolve(values.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lab = await startLab({
    dir,
    hubUrl: values.hub,
    profile: values.profile,
    only: values.only?.split(',').map(systemNamed),
    ports: portsOf(values),
    secrets: readSecrets(dir),
    partnersDir: values['partners-dir'] ? resolve(values['partners-dir']) : undefined,
  });
  writePrivate(join(dir, 'secrets.json'), lab.secrets);
  const name = values.company === undefined ? 'ridgeline' : 'company';
  const file = join(dir, `${name}.json`);
  const company = values.company === undefined ? {} : { file: resolve(values.company) };
  writePrivate(file, ridgeline({ now: new Date(), urls: lab.urls, secrets: lab.secrets, ...company }));
  const traffic = values.traffic && adminKey ? trafficOf(values, lab, dir, adminKey) : undefined;
  const stop = (): void => {
    traffic?.stop();
    void lab.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
  process.stdout.write(`${JSON.stringify({ urls: lab.urls, [name]: file })}\n`);
  // The channels to the systems keep this process alive.
}

const trafficOf = (values: Values, lab: Lab, dir: string, adminKey: string) =>
  startTraffic({
    lab,
    hubUrl: values.hub,
    adminKey,
    ordersPerMinute: Number(values['orders-per-minute']),
    stateFile: join(dir, 'planned-exceptions.json'),
    log: (line) => process.stderr.write(`lab traffic: ${line}\n`),
  });

const { values } = parseArgs({ options });
if (values.help) process.stdout.write(`${usage}\n`);
else {
  await main(values).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  });
}
