#!/usr/bin/env node
/** Starts the command line. */
import { importTypeScript, root } from './import-typescript.mjs';

const { main } = await importTypeScript('cli/main.ts');
await main(process.argv, root);
