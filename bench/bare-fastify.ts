/**
 * The reference of the availability rows, in a process of its own: Fastify with nothing but a route that answers what it
 * is given, as an object. No key, no validation, no database. Prints its address.
 *
 *     node bench/bare-fastify.ts '{"sku": "LED", …}'
 */
import Fastify from 'fastify';

const answer = JSON.parse(process.argv[2] ?? '{"hello":"world"}') as object;
const app = Fastify({ logger: false });
app.get('/v1/availability', () => answer);
app.get('/hello', () => ({ hello: 'world' }));
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
