/** Turns TypeScript, and packages that ship ES modules only, into CommonJS for jest. Types are checked by `npm run types`. */
const { transformSync } = require('esbuild');

module.exports = {
  process(source, path) {
    const loader = path.endsWith('.ts') ? 'ts' : 'js';
    return transformSync(source, { loader, format: 'cjs', target: 'node20', sourcemap: 'inline', sourcefile: path });
  },
};
