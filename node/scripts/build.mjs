// Builds the package in place: the native half with cargo, the classes and their declarations with tsc.
//
// A script of its own instead of @napi-rs/cli: that brings some sixty packages, part of which refuse the older Node
// versions that this package supports, for what comes down to one copied file.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const workspace = path.dirname(root);

function run(command, args, options) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28, ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) process.exit(done.status ?? 1);
  return done.stdout?.toString() ?? '';
}

/** Builds the addon; cargo itself says where it is, whatever folder it builds into. */
function native() {
  const args = ['build', '--release', '--package', 'gait-node', '--message-format', 'json-render-diagnostics'];
  const messages = run(process.env.CARGO ?? 'cargo', args, { cwd: workspace }).split('\n').filter(Boolean);
  const built = messages.map((line) => JSON.parse(line)).find(({ reason, target }) => {
    return reason === 'compiler-artifact' && target.name === 'gait_node';
  });
  const library = built?.filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
  if (!library) throw new Error('cargo built no library');
  const folder = path.join(root, 'native');
  mkdirSync(folder, { recursive: true });
  const addon = path.join(folder, `gait.${process.platform}-${process.arch}.node`);
  // A process that has the old file loaded must not see it change.
  copyFileSync(library, `${addon}.new`);
  renameSync(`${addon}.new`, addon);
}

/** The CommonJS files are the package; ES modules get a view of them, so that both share classes and state. */
function modules() {
  const [fresh, dist] = ['dist.new', 'dist'].map((name) => path.join(root, name));
  rmSync(fresh, { recursive: true, force: true });
  run(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json', '--outDir', fresh], { stdio: 'inherit' });
  const names = Object.keys(require(path.join(fresh, 'index.js'))).sort();
  const view = `import gait from './index.js';\n\nexport const {\n${names.map((name) => `  ${name},\n`).join('')}} = gait;\n`;
  writeFileSync(path.join(fresh, 'index.mjs'), view);
  writeFileSync(path.join(fresh, 'index.d.mts'), `export * from './index.js';\n`);
  // Whoever uses the old files meanwhile misses them for no longer than this takes.
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
}

native();
modules();
copyFileSync(path.join(workspace, 'LICENSE'), path.join(root, 'LICENSE'));
