// Loads every module of the hub and of the lab once, so that Node keeps them compiled (compiled.mjs). Those that are programs
// are asked for their help.
import { readdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';

process.argv.splice(2, Number.POSITIVE_INFINITY, '--help');
for (const folder of ['src', 'lab']) {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  for (const file of files.sort()) {
    if (file.endsWith('.ts') && !file.endsWith('.test.ts')) await import(pathToFileURL(join(root, folder, file)).href);
  }
}
flushCompileCache();
// Whatever a module holds open for the work that it would do.
process.exit(0);
