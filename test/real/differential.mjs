// differential.mjs - runs machines, one JSON object a line, in other interpreters; writes what became of each, one a line.
// Argument: the folder that holds node_modules. JSONPath machines run in aws-local-stepfunctions; those in JSONata, which it does
// not know, are walked here, every expression evaluated by the reference implementation of JSONata.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(process.argv[2] + '/');
const { StateMachine } = require('aws-local-stepfunctions');
const jsonata = require('jsonata');

async function evaluate(value, bindings) {
  if (typeof value === 'string' && value.startsWith('{%')) {
    const result = await jsonata(value.slice(2, -2).trim()).evaluate(undefined, bindings);
    if (result === undefined || typeof result === 'function') throw new Error('undefined');
    return JSON.parse(JSON.stringify(result));
  }
  if (Array.isArray(value)) return Promise.all(value.map((v) => evaluate(v, bindings)));
  if (value === null || typeof value !== 'object') return value;
  const out = {};
  for (const [key, inner] of Object.entries(value)) out[key] = await evaluate(inner, bindings);
  return out;
}

async function walk(machine, input, outer) {
  let name = machine.StartAt;
  const variables = { ...outer };
  for (;;) {
    const state = machine.States[name];
    const bindings = { states: { input }, ...variables };
    let part = state;
    let output = input;
    if (state.Type === 'Choice') {
      part = undefined;
      for (const rule of state.Choices)
        if (part === undefined) {
          const holds = await evaluate(rule.Condition, bindings);
          if (typeof holds !== 'boolean') throw new Error('no boolean');
          if (holds) part = rule;
        }
      name = part ? part.Next : state.Default;
      part ??= state;
    } else {
      name = state.Next;
      if (state.Type === 'Parallel') output = await Promise.all(state.Branches.map((b) => walk(b, input, variables)));
      if (state.Type === 'Map') {
        const items = state.Items === undefined ? input : await evaluate(state.Items, bindings);
        if (!Array.isArray(items)) throw new Error('no array');
        output = await Promise.all(items.map((item) => walk(state.ItemProcessor, item, variables)));
      }
      if (['Parallel', 'Map'].includes(state.Type)) bindings.states.result = output;
    }
    if (state.Type === 'Fail') throw new Error('Fail');
    const assigned = part.Assign ? await evaluate(part.Assign, bindings) : {};
    if (part.Output !== undefined) output = await evaluate(part.Output, bindings);
    Object.assign(variables, assigned);
    input = output;
    if (state.End || state.Type === 'Succeed') return input;
  }
}

async function run({ definition, input }) {
  try {
    if (definition.QueryLanguage === 'JSONata') return { status: 'SUCCEEDED', output: await walk(definition, input, {}) };
    const machine = new StateMachine(definition, { validationOptions: { checkArn: false } });
    return { status: 'SUCCEEDED', output: await machine.run(input).result };
  } catch (error) {
    return { status: 'FAILED', cause: String(error.message).slice(0, 300) };
  }
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n');
