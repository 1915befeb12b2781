import { createServer } from 'node:net';
import { HubError } from './errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Listens for a moment, so that a taken port is known before a database is started for nothing. @throws as {@link listenFailure} */
export async function tryPort(address: Address): Promise<void> {
  const error = await new Promise<Error | undefined>((done) => {
    const server = createServer();
    server.once('error', done);
    server.listen(address.port, address.host, () => server.close(() => done(undefined)));
  });
  if (error !== undefined) throw listenFailure(error, address);
}

/** ALREADY_RUNNING where the port is taken, CONFIG_INVALID where the address cannot be listened on; others as they are. */
export function listenFailure(error: unknown, { host, port }: Address): unknown {
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const invalid = (pointer: string, why: string): HubError =>
    new HubError('CONFIG_INVALID', { message: why, errors: [{ pointer, code: 'listen', message: why }], cause: error });
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new HubError('ALREADY_RUNNING', {
        message: `${at} is taken: stop what uses it, or set CROSSDOCK_PORT`,
        cause: error,
      });
    case 'EACCES':
      return invalid('CROSSDOCK_PORT', `This user may not listen on ${at}: set CROSSDOCK_PORT to one from 1024 on`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return invalid('CROSSDOCK_HOST', `${host} is not an address of this machine: set CROSSDOCK_HOST to one that is`);
    default:
      return error;
  }
}
