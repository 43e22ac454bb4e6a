/**
 * What runs first in an execution environment: the part that AWS calls the runtime.
 *
 * It is JavaScript in a string because a worker thread must be able to start it whether local AWS itself runs from
 * sources, from a bundle or under a test runner, where no file beside this one can be relied on.
 *
 * Rules: every log line leaves by the message port, which a terminated worker still empties, so that a function killed
 * by its timeout keeps its last words. `Date` follows the clock of local AWS, because in the cloud it is the cloud's
 * clock that a function reads. Events and answers cross as JSON text: what JSON does not carry, a function never sees.
 */
export const BOOTSTRAP = `
const { parentPort, workerData } = require('node:worker_threads');

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    parentPort.postMessage({ log: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8') });
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) callback();
    return true;
  };
}

const MachineDate = Date;
const ahead = new Float64Array(workerData.aheadMs);
const now = () => MachineDate.now() + ahead[0];
function CloudDate(...parts) {
  if (!new.target) return new MachineDate(now()).toString();
  return Reflect.construct(MachineDate, parts.length === 0 ? [now()] : parts, new.target);
}
CloudDate.prototype = MachineDate.prototype;
CloudDate.prototype.constructor = CloudDate;
Object.assign(CloudDate, { now, parse: MachineDate.parse, UTC: MachineDate.UTC });
globalThis.Date = CloudDate;

const failureOf = (error, type) => ({
  errorType: type ?? (error instanceof Error ? error.name : typeof error),
  errorMessage: error instanceof Error ? error.message : String(error),
  trace: error instanceof Error && error.stack ? error.stack.split('\\n') : [],
});

async function load() {
  const module = await import(workerData.moduleUrl);
  const handler = module[workerData.exportName] ?? module.default?.[workerData.exportName];
  if (typeof handler === 'function') return handler;
  throw Object.assign(new Error(workerData.handler + ' is undefined or not exported'), { name: 'Runtime.HandlerNotFound' });
}

async function invoke(handler, { id, event, context, timeoutMs }) {
  const deadline = performance.now() + timeoutMs;
  const getRemainingTimeInMillis = () => Math.max(0, Math.round(deadline - performance.now()));
  try {
    const answer = await handler(JSON.parse(event), { ...context, getRemainingTimeInMillis });
    return { id, payload: JSON.stringify(answer) ?? 'null' };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

load().then(
  (handler) => {
    parentPort.on('message', (message) => invoke(handler, message).then((answer) => parentPort.postMessage(answer)));
    parentPort.postMessage({ ready: true });
  },
  (error) => parentPort.postMessage({ initFailure: failureOf(error) }),
);
`;
