// states_client.mjs - one machine's life through the AWS SDK for JavaScript; writes what the service told, as one JSON object.
// Argument: the folder that holds node_modules. The endpoint, region and keys come from the environment, as users set them.
import { createRequire } from 'node:module';

const require = createRequire(process.argv[2] + '/');
const sfn = require('@aws-sdk/client-sfn');

const client = new sfn.SFN({ endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_DEFAULT_REGION, maxAttempts: 1 });
const roleArn = 'arn:aws:iam::000000000000:role/states';
const told = {};

// Waits long enough to be stopped in between, and not longer than a redriven one may take.
const definition = JSON.stringify({
  StartAt: 'Greet',
  States: {
    Greet: {
      Type: 'Pass',
      Parameters: { 'greeting.$': "States.Format('hi {}', $.name)", 'seconds.$': '$.seconds' },
      Next: 'Wait',
    },
    Wait: { Type: 'Wait', SecondsPath: '$.seconds', Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
});

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return [error.name, error.message];
  }
  throw new Error('not refused');
}

// What describes the execution once it is as wanted; the SDK has no waiter for it.
async function until(executionArn, wanted) {
  for (;;) {
    const about = await client.describeExecution({ executionArn });
    if (wanted(about)) return about;
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function kinds(executionArn) {
  const found = [];
  for await (const page of sfn.paginateGetExecutionHistory({ client, pageSize: 2 }, { executionArn }))
    found.push(...page.events.map((event) => event.type));
  return found;
}

async function stopAndRedrive(stateMachineArn) {
  const input = JSON.stringify({ name: 'Ada', seconds: 4 });
  const { executionArn } = await client.startExecution({ stateMachineArn, name: 'first', input });
  while (!(await kinds(executionArn)).includes('WaitStateEntered'));
  const waiting = await client.describeExecution({ executionArn });
  told.waiting = { status: waiting.status, dates: [waiting.startDate instanceof Date, waiting.stopDate instanceof Date] };
  await client.stopExecution({ executionArn, error: 'Enough', cause: 'seen enough' });
  const stopped = await client.describeExecution({ executionArn });
  told.stopped = { status: stopped.status, error: stopped.error, cause: stopped.cause, redrive: stopped.redriveStatus };
  told.history = await kinds(executionArn);
  await client.redriveExecution({ executionArn });
  const again = await until(executionArn, (about) => about.status !== 'RUNNING');
  const { greeting } = JSON.parse(again.output);
  told.again = { status: again.status, output: { greeting }, redrives: again.redriveCount };
  told.history_again = await kinds(executionArn);
}

async function publish(stateMachineArn) {
  const version = await client.publishStateMachineVersion({ stateMachineArn, description: 'the first' });
  told.version = version.stateMachineVersionArn;
  const routingConfiguration = [{ stateMachineVersionArn: told.version, weight: 100 }];
  told.alias = (await client.createStateMachineAlias({ name: 'live', routingConfiguration })).stateMachineAliasArn;
  told.routing = (await client.describeStateMachineAlias({ stateMachineAliasArn: told.alias })).routingConfiguration;
  const input = JSON.stringify({ name: 'Bob', seconds: 0 });
  const { executionArn } = await client.startExecution({ stateMachineArn: told.alias, input });
  const about = await until(executionArn, ({ status }) => status !== 'RUNNING');
  told.by_alias = { status: about.status, alias: about.stateMachineAliasArn, version: about.stateMachineVersionArn };
}

const made = await client.createStateMachine({ name: 'by-javascript', definition, roleArn });
told.made = made.stateMachineArn;
const other = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } });
told.refused = await refusal(() => client.createStateMachine({ name: 'by-javascript', definition: other, roleArn }));
await stopAndRedrive(told.made);
await publish(told.made);
await client.deleteStateMachineAlias({ stateMachineAliasArn: told.alias });
await client.deleteStateMachine({ stateMachineArn: told.made });
told.gone = (await refusal(() => client.startExecution({ stateMachineArn: told.made })))[0];
process.stdout.write(JSON.stringify(told) + '\n');
