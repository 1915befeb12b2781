import { type Check, ok, warning } from './doctor-check.ts';
import { obstacleOf } from '../flows/index.ts';
import { loadLocations } from '../inventory/index.ts';
import { getAgreement } from '../partners/index.ts';
import type { Db, Tx } from '../platform/index.ts';
import { listTenants } from '../security/index.ts';

const mostNamed = 5;

/** Whether releases find their way to the warehouses that work by EDI, tenant by tenant. */
export async function checkWarehouses(engine: Db): Promise<Check> {
  const name = 'warehouses by EDI';
  const tenants = await listTenants(engine);
  let count = 0;
  const obstacles: { cause: string; fix: string }[] = [];
  for (const { id } of tenants) {
    const found = await engine.tx(id, examine);
    count += found.count;
    const of = tenants.length === 1 ? '' : `${id}: `;
    obstacles.push(...found.obstacles.map(({ cause, fix }) => ({ cause: `${of}${cause}`, fix })));
  }
  if (obstacles.length === 0) {
    return ok(name, count === 0 ? 'no location names an agreement' : `${count}, whose agreements let releases out`);
  }
  const named = obstacles.slice(0, mostNamed).map(({ cause }) => cause);
  const more = obstacles.length > mostNamed ? `; and ${obstacles.length - mostNamed} more` : '';
  return warning(name, `${named.join('; ')}${more}`, obstacles[0]!.fix);
}

async function examine(tx: Tx): Promise<{ count: number; obstacles: { cause: string; fix: string }[] }> {
  const locations = [...(await loadLocations(tx)).values()].map(({ value }) => value);
  const byEdi = locations.flatMap(({ code, agreement }) => (agreement === undefined ? [] : [{ code, agreement }]));
  if (byEdi.length === 0) return { count: 0, obstacles: [] };
  const rows = await tx.query<{ id: string }>(`SELECT id FROM connection WHERE role = 'edi'`);
  const connections = new Set(rows.map(({ id }) => id));
  const obstacles: { cause: string; fix: string }[] = [];
  for (const { code, agreement } of byEdi) {
    const terms = await getAgreement(tx, agreement);
    const obstacle = obstacleOf(code, agreement, terms, ({ agreement: { connection, partner } }) =>
      connections.has(connection ?? partner),
    );
    if (obstacle !== undefined) obstacles.push(obstacle);
  }
  return { count: byEdi.length, obstacles };
}
