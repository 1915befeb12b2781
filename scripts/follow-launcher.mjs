// Loaded before src/main.ts when a launcher under an older Node started it: `kill -9` of the launcher's process is
// meant for the hub, so the hub ends as abruptly.
import { Socket } from 'node:net';

const fd = Number(process.env.CROSSDOCK_LAUNCHER_FD);
delete process.env.CROSSDOCK_LAUNCHER_FD;

if (Number.isInteger(fd) && fd > 2) {
  const pipe = new Socket({ fd, readable: true, writable: false });
  const end = () => process.kill(process.pid, 'SIGKILL');
  pipe.on('end', end);
  pipe.on('error', end);
  pipe.resume();
  pipe.unref();
}
