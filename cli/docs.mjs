/** Writes docs/events.md, docs/errors.md, docs/lifecycle.md and docs/options.md anew: `npm run docs`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importTypeScript, root } from '../infra/import-typescript.mjs';

const { errorsPage } = await importTypeScript('cli/docs/errors-page.ts');
const { eventsPage } = await importTypeScript('cli/docs/events-page.ts');
const { lifecyclePage } = await importTypeScript('cli/docs/lifecycle-page.ts');
const { optionsPage } = await importTypeScript('cli/docs/options-page.ts');
const files = readdirSync(join(root, 'events')).filter((file) => file.endsWith('.ts'));
const sources = await Promise.all(
  files.map(async (file) => ({
    file,
    text: readFileSync(join(root, 'events', file), 'utf8'),
    exports: await importTypeScript(`events/${file}`),
  })),
);
const template = JSON.parse(readFileSync(join(root, '.serverless/cloudformation-template-update-stack.json'), 'utf8'));
writeFileSync(join(root, 'docs/events.md'), eventsPage(sources, template));
writeFileSync(join(root, 'docs/errors.md'), errorsPage());
writeFileSync(join(root, 'docs/lifecycle.md'), lifecyclePage());
writeFileSync(join(root, 'docs/options.md'), optionsPage());
console.log('docs/events.md, docs/errors.md, docs/lifecycle.md and docs/options.md written');
