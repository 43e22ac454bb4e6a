#!/usr/bin/env node
/** Starts the command line. */
try {
  const { importTypeScript, root } = await import('../infra/import-typescript.mjs');
  const { run } = await importTypeScript('cli/process.ts');
  await run(process.argv, root);
} catch (error) {
  // Before the command line is there: what it is bundled with is missing, or where it is bundled to takes nothing.
  const way =
    error.code === 'ERR_MODULE_NOT_FOUND'
      ? 'Run npm ci first.'
      : 'The command is bundled into the folder .build or, where that is not writable, into the one for temporary files (TMPDIR).';
  process.stderr.write(`keywright does not start: ${String(error.message).split('\n', 1)[0]} ${way}\n`);
  process.exitCode = 2;
}
