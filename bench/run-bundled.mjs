/** Runs a benchmark: `node bench/run-bundled.mjs records`. */
import { importTypeScript, root } from '../infra/import-typescript.mjs';

const [name, ...rest] = process.argv.slice(2);
const { run } = await importTypeScript(`bench/${name}.ts`);
await run(root, rest);
