// lambda_bootstrap.mjs - runs a JavaScript handler by the Lambda Runtime API: asks for work, calls, answers, until it is ended.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const root = process.env.LAMBDA_TASK_ROOT;
const base = '/2018-06-01/runtime';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function exchange(method, address, body, headers = {}) {
    return new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
        const request = http.request(
            { host, port, agent, method, path: base + address, headers: { ...headers, ...length } }, (answer) => {
                const parts = [];
                answer.on('data', (part) => parts.push(part));
                answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
                answer.on('error', reject);
            });
        request.on('error', reject);
        request.end(body);
    });
}

function post(address, body, headers = {}) {
    const peak = String(process.resourceUsage().maxRSS * 1024);
    return exchange('POST', address, body, { 'Content-Type': 'application/json', 'Mayfly-Memory-Max-Bytes': peak, ...headers });
}

// The stack without our own part of it.
function documentOf(error) {
    if (error instanceof Error) {
        const trace = (error.stack ?? '').split('\n').filter((line) => !line.includes('lambda_bootstrap.mjs'));
        return { errorType: error.name, errorMessage: error.message, trace };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

// One log event of several lines: the server takes a carriage return for a line's end.
function say(document, id, kind) {
    const text = JSON.stringify({ ...document, trace: undefined, stack: document.trace });
    fs.writeSync(1, `${new Date().toISOString()}\t${id}\tERROR\t${kind}\t${text}\n`);
}

function answerError(document, address, id, kind) {
    say(document, id, kind);
    return post(address, JSON.stringify(document), { 'Lambda-Runtime-Function-Error-Type': document.errorType });
}

class RuntimeError extends Error {
    constructor(name, message) {
        super(message);
        this.name = `Runtime.${name}`;
    }
}

// "folder/file.function"; the function may lie deeper in what the file exports.
async function load(name) {
    const file = path.basename(name), dot = file.indexOf('.');
    if (dot < 0) throw new RuntimeError('MalformedHandlerName', 'Bad handler');
    const stem = path.join(root, path.dirname(name), file.slice(0, dot));
    const found = ['.js', '.mjs', '.cjs', ''].map((end) => stem + end).find((one) => fs.existsSync(one) && fs.statSync(one).isFile());
    const missing = () => new RuntimeError('ImportModuleError', `Error: Cannot find module '${file.slice(0, dot)}'`);
    if (!found) throw missing();
    let module;
    try {
        module = found.endsWith('.mjs') || isModule(found) ? await import(pathToFileURL(found).href) : createRequire(found)(found);
    } catch (error) {
        if (error instanceof SyntaxError) throw new RuntimeError('UserCodeSyntaxError', `SyntaxError: ${error.message}`);
        if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') throw new RuntimeError('ImportModuleError', `Error: ${error.message}`);
        throw error;
    }
    const parts = file.slice(dot + 1).split('.');
    const reach = (from) => parts.reduce((value, part) => value?.[part], from);
    const handler = reach(module) ?? reach(module.default);
    if (handler === undefined) throw new RuntimeError('HandlerNotFound', `${name} is undefined or not exported`);
    if (typeof handler !== 'function') throw new RuntimeError('HandlerNotFound', `${name} is not a function`);
    return handler;
}

// A .js file is a module where the package.json nearest to it says so.
function isModule(file) {
    if (!file.endsWith('.js')) return false;
    for (let folder = path.dirname(file); folder.startsWith(root); folder = path.dirname(folder)) {
        const manifest = path.join(folder, 'package.json');
        if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    }
    return false;
}

function contextOf(headers, state) {
    const deadline = Number(headers['lambda-runtime-deadline-ms']);
    const given = headers['lambda-runtime-client-context'];
    return {
        get callbackWaitsForEmptyEventLoop() { return state.waits; },
        set callbackWaitsForEmptyEventLoop(value) { state.waits = value; },
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
        memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
        awsRequestId: headers['lambda-runtime-aws-request-id'],
        invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
        clientContext: given ? JSON.parse(given) : undefined,
        getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
        done: (error, value) => (error ? state.reject(error) : state.resolve(value)),
        fail: (error) => state.reject(error),
        succeed: (value) => state.resolve(value),
    };
}

// The first of: a promise's end, the callback, context.done. A function that gives none of them ends when nothing
// is left to be done.
function call(handler, event, headers) {
    return new Promise((resolve, reject) => {
        const state = { waits: true, resolve, reject };
        const callback = (error, value) => (error ? reject(error) : resolve(value));
        const result = handler(event, contextOf(headers, state), callback);
        if (typeof result?.then === 'function') result.then(resolve, reject);
    });
}

let current = null;
for (const kind of ['uncaughtException', 'unhandledRejection'])
    process.on(kind, async (error) => {
        const document = documentOf(kind === 'unhandledRejection' ? new RuntimeError('UnhandledPromiseRejection', String(error)) : error);
        if (current) await answerError(document, `/invocation/${current}/error`, current, kind === 'unhandledRejection' ? 'Unhandled Promise Rejection' : 'Uncaught Exception');
        process.exit(kind === 'unhandledRejection' ? 128 : 129);
    });
process.on('beforeExit', async () => {
    if (!current) return;
    const id = current;
    current = null;
    await post(`/invocation/${id}/response`, 'null');
    work();
});

for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) {
    const name = level === 'log' ? 'INFO' : level.toUpperCase(), { format } = await import('node:util');
    console[level] = (...words) => fs.writeSync(1, `${new Date().toISOString()}\t${current ?? 'undefined'}\t${name}\t${format(...words).replaceAll('\n', '\r')}\n`);
}

let handler;
async function work() {
    for (;;) {
        const { status, headers, body } = await exchange('GET', '/invocation/next');
        if (status !== 200) process.exit(0);
        const id = current = headers['lambda-runtime-aws-request-id'];
        process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
        try {
            const text = JSON.stringify(await call(handler, JSON.parse(body), headers));
            await post(`/invocation/${id}/response`, text === undefined ? 'null' : text);
        } catch (error) {
            await answerError(documentOf(error), `/invocation/${id}/error`, id, 'Invoke Error');
        }
        current = null;
    }
}

try {
    handler = await load(process.env._HANDLER);
} catch (error) {
    await answerError(documentOf(error), '/init/error', 'undefined', 'Uncaught Exception');
    process.exit(1);
}
work();
