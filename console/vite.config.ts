import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const outDir = join(root, 'dist');

/** Writes `.br` and `.gz` beside what compresses well: compressed once here instead of at every request. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle() {
      for (const file of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg|html)$/.test(file)) continue;
        const bytes = readFileSync(join(outDir, file));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        writeFileSync(join(outDir, `${file}.br`), brotliCompressSync(bytes, { params }));
        writeFileSync(join(outDir, `${file}.gz`), gzipSync(bytes));
      }
    },
  };
}

/** The hub serves the result from console/dist; `npx vite --config console/vite.config.ts` proxies to a running hub. */
export default defineConfig({
  root,
  plugins: [react(), compressed()],
  build: {
    outDir,
    emptyOutDir: true,
    // Inlined assets would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    // These know light-dark(), which would otherwise be rewritten into something that ignores the scheme switch.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
});
