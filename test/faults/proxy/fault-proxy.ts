import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import type { Random } from '../../simulation/random.ts';

/** What may be wrong with a wire, per direction: `up` to the server, `down` to the client. */
export interface WireFault {
  /** Every piece of data comes this much later, give or take the jitter. */
  latencyMs?: number;
  jitterMs?: number;
  /** No more than this gets through. */
  bytesPerSecond?: number;
  /** The end of the stream is told this much later. */
  slowCloseMs?: number;
  /** Nothing gets through; the connection is closed after this long, or never when it is 0. */
  timeoutMs?: number;
  /** Data comes in pieces of this size, with a rest between them. */
  slice?: { bytes: number; restMs: number };
  /** The connection is cut after this many bytes. */
  limitBytes?: number;
  /** With this probability a piece of data is swallowed and the connection reset: a reply that is lost. */
  lossChance?: number;
}

export interface FaultProxy {
  readonly port: number;
  /** Faults of both directions from now on, for open connections too; what is not named is sound. */
  set(faults: { up?: WireFault; down?: WireFault }): void;
  /** Nobody is let in, and whoever is connected is cut off, until `up`. */
  down(): void;
  up(): void;
  /** Resets every open connection. */
  reset(): void;
  /** Pieces of data that were swallowed for `lossChance`. */
  readonly losses: number;
  readonly openConnections: number;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  target: NetConnectOpts;
  /** Decides losses and jitter. */
  random: Random;
}

interface State {
  faults: { up: WireFault; down: WireFault };
  losses: number;
  isDown: boolean;
  readonly wires: Set<Wire>;
}

/** A TCP proxy on 127.0.0.1 that does to the bytes what bad networks do. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const state: State = { faults: { up: {}, down: {} }, losses: 0, isDown: false, wires: new Set() };
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    if (state.isDown) client.resetAndDestroy();
    else openWire(client, options, state);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = (): void => {
    for (const wire of state.wires) wire.reset();
  };
  return {
    port: (server.address() as AddressInfo).port,
    set({ up = {}, down = {} }) {
      state.faults = { up, down };
    },
    down() {
      state.isDown = true;
      reset();
    },
    up() {
      state.isDown = false;
    },
    reset,
    get losses() {
      return state.losses;
    },
    get openConnections() {
      return state.wires.size;
    },
    async close() {
      reset();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Wire {
  reset(): void;
}

function openWire(client: Socket, { target, random }: FaultProxyOptions, state: State): void {
  const server = connect({ ...target, allowHalfOpen: true } as NetConnectOpts);
  const wire: Wire = {
    reset() {
      state.wires.delete(wire);
      client.resetAndDestroy();
      // A Unix socket knows no reset.
      server.destroy();
    },
  };
  state.wires.add(wire);
  for (const socket of [client, server]) {
    socket.setNoDelay(true);
    socket.on('error', () => wire.reset());
    socket.on('close', () => {
      if (client.destroyed && server.destroyed) state.wires.delete(wire);
    });
  }
  const lose = (): void => {
    state.losses++;
    wire.reset();
  };
  void pump(client, server, () => state.faults.up, random, wire, lose);
  void pump(server, client, () => state.faults.down, random, wire, lose);
}

/** Carries one direction, a piece at a time, so that what comes late does not change places. */
async function pump(
  from: Socket,
  to: Socket,
  faultsNow: () => WireFault,
  random: Random,
  wire: Wire,
  lose: () => void,
): Promise<void> {
  let carried = 0;
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const faults = faultsNow();
      if (faults.timeoutMs !== undefined) {
        if (faults.timeoutMs > 0) setTimeout(() => wire.reset(), faults.timeoutMs).unref();
        continue;
      }
      if (faults.lossChance !== undefined && random.chance(faults.lossChance)) {
        lose();
        return;
      }
      const room = (faults.limitBytes ?? Number.POSITIVE_INFINITY) - carried;
      await carry(chunk.subarray(0, Math.min(room, chunk.length)), to, faults, random);
      carried += chunk.length;
      if (chunk.length >= room) {
        wire.reset();
        return;
      }
    }
    const { slowCloseMs = 0 } = faultsNow();
    if (slowCloseMs > 0) await rest(slowCloseMs);
    to.end();
  } catch {
    wire.reset();
  }
}

async function carry(bytes: Buffer, to: Socket, faults: WireFault, random: Random): Promise<void> {
  const { latencyMs = 0, jitterMs = 0, slice, bytesPerSecond } = faults;
  if (latencyMs + jitterMs > 0) await rest(latencyMs + random.between(-jitterMs, jitterMs));
  const size = slice?.bytes ?? Math.max(bytes.length, 1);
  for (let at = 0; at < bytes.length; at += size) {
    if (at > 0 && slice !== undefined) await rest(slice.restMs);
    const piece = bytes.subarray(at, at + size);
    if (bytesPerSecond !== undefined) await rest((piece.length / bytesPerSecond) * 1_000);
    if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
