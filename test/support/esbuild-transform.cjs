/** Turns TypeScript, and packages that ship ES modules only, into CommonJS for jest. Types are checked by `npm run types`. */
const { transformSync } = require('esbuild');

module.exports = {
  process(source, path) {
    const loader = path.endsWith('.ts') ? 'ts' : 'js';
    // What is imported late is required late: jest's own modules know no other way.
    const supported = { 'dynamic-import': false };
    const cjs = { format: 'cjs', target: 'node20', supported };
    const { code, map } = transformSync(source, { loader, ...cjs, sourcemap: 'inline', sourcefile: path });
    return { code, map };
  },
};
