/** Packages the product as `npm start` does, unless nothing changed since: `node infra/packaged.mjs`. */
import { importTypeScript, root } from './import-typescript.mjs';

const { packageOf } = await importTypeScript('cli/start/package.ts');
await packageOf(root);
