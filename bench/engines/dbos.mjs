// dbos.mjs - DBOS measures itself: runs that do nothing, one loop of durable steps, 64 loops at once. Argument: the database's address.
import { DBOS } from '@dbos-inc/dbos-sdk';

const trivial = DBOS.registerWorkflow(async (input) => input, { name: 'trivial' });
const loop = DBOS.registerWorkflow(
  async (n) => {
    let i = 0;
    while (i < n) i = await DBOS.runStep(async () => i + 1, { name: 'step' });
    return i;
  },
  { name: 'loop' },
);

async function seconds(work) {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

DBOS.setConfig({ name: 'bench', systemDatabaseUrl: process.argv[2], logLevel: 'error', runAdminServer: false });
await DBOS.launch();
await trivial({});
const single = [];
for (let i = 0; i < 101; i++) single.push(await seconds(() => trivial({})));
const crowd = 1000;
const result = {
  trivial_ms: single.sort((x, y) => x - y)[50] * 1000,
  starts_per_s: crowd / (await seconds(() => Promise.all(Array.from({ length: crowd }, () => trivial({}))))),
  loop_per_s: 500 / (await seconds(() => loop(500))),
  crowd_per_s: (64 * 50) / (await seconds(() => Promise.all(Array.from({ length: 64 }, () => loop(50))))),
};
console.log(JSON.stringify(result));
await DBOS.shutdown();
process.exit(0);
