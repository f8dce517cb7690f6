// Puts the compiled modules of children and of pools into one file each: a child starts with one read instead of fifty.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { minify } from 'terser';

// What only operations over arrays need is loaded with the first of them.
const ARRAYS = [
  'data-operations.js',
  'internal/job/typed-map.js',
  'internal/kernel/explain.js',
  'internal/data-parallel/index.js',
];
/** Of what children need, what the first tiny task does not: loaded by whoever comes to use it. */
const RARE = [
  'internal/codec/decode-special.js',
  'internal/codec/encode-special.js',
  'internal/codec/uncloneable.js',
  'internal/function/module-loading.js',
];
/** The same, what all shared objects need. */
const SHARED = ['errors.js', 'internal/validate.js', 'internal/shared/handle.js'];
const LATER = [...SHARED, ...RARE];
/** The same for modules of Node's own: a tenth of a millisecond each for children, three for the last two. */
const RARE_BUILTINS = {
  'child-code.js': ['node:fs', 'node:module', 'node:path', 'node:url'],
  'pool-code.js': ['node:child_process'],
  'object-code.js': ['node:child_process', 'node:crypto'],
};
// What pools and queues both need, so that neither reads the other's bundle for it.
const BOTH = ['internal/abort-listeners.js', 'internal/shared/wait-options.js'];
/** What a bundle runs when it is the program that Node starts. */
const MAINS = { 'child-code.js': 'internal/worker/main.js' };
/** What the entries need, unless an earlier bundle has it. */
const BUNDLES = {
  'child-code.js': ['internal/worker/main.js', ...BOTH],
  'shared-code.js': SHARED,
  'rare-code.js': RARE,
  'process-code.js': ['internal/process/main.js'],
  // What most children are given: they need not read all of pools for it.
  'queue-code.js': ['queue.js', 'connection.js', 'lock.js'],
  'pool-code.js': ['pool.js'],
  'object-code.js': ['index.js'],
  'array-code.js': ARRAYS,
};
// Node finds the names that the index exports by its text, and children find `runSubclass` in the file that exports it.
const APART = ['index.js', 'process.js'];
// What hardly any program needs stays a file of its own, loaded by those that do.
const SELDOM = ['internal/function/late-refusal.js', 'internal/job/progress.js'];
const IMPORT = /\brequire\("(\.[^"]+)"\)/g;
/** As TypeScript and esbuild write one in a list of declarations; it is used as `name.export` only. */
const DECLARATION = /(?:\bconst |,)\s*(\w+)=(\s*)require\("([^"]+)"\)(?=\s*[,;])/g;

/** What TypeScript writes for the readers of a list of names; in a bundle nobody reads one. */
const UNDEFINED_YET = /,(?:exports\.\w+=)+void 0(?=[,;])/;

/** The modules that `entry` needs at its start, itself included. */
function closureOf(entry, sources, isLater = () => false) {
  const found = new Set();
  const visit = (id) => {
    if (found.has(id)) return;
    found.add(id);
    for (const [, request] of sources.get(id).matchAll(IMPORT)) {
      const imported = posix.join(posix.dirname(id), request);
      if (!isLater(imported) && (ARRAYS.includes(entry) || !ARRAYS.includes(imported))) visit(imported);
    }
  };
  visit(entry);
  return found;
}

/** The text of a module of the bundle `home` with each rare import where it is used, in place of its declaration. */
function withoutRare(id, text, home) {
  let rest = text;
  const builtins = RARE_BUILTINS[home] ?? [];
  const isRare = (request) =>
    request.startsWith('.')
      ? home === 'child-code.js' && LATER.includes(posix.join(posix.dirname(id), request))
      : builtins.includes(request);
  const found = [...text.matchAll(DECLARATION)].filter(([, , , request]) => isRare(request));
  for (const [, name, gap, request] of found) {
    // The declaration stays, empty, so that the list around it stays one.
    rest = rest
      .replace(`${name}=${gap}require("${request}")`, `${name}=0`)
      .replaceAll(new RegExp(`\\b${name}\\s*\\.\\s*(?=\\w)`, 'g'), `(require("${request}")).`);
  }
  return rest;
}

/** Variables that `capture-instance.ts` gives by name, and errors tell. */
const GIVEN = ['runSubclass', 'Class', 'fields', 'target'];
/** Names of functions, classes and private methods stay, for the stacks of errors, and lines stay short; other names go. */
const READABLE = {
  compress: false,
  mangle: { keep_fnames: true, keep_classnames: true, reserved: GIVEN },
  format: { max_line_len: 500 },
};

/** A private name behind one of the words that nothing need part from it. */
const STUCK = /\b(async|get|set|static|return|await|of|in|case|typeof|void|yield)#(?=[a-zA-Z])/g;

/** With shorter names, but for private ones: those would all be changed, so on the way they look public. */
async function compact(code) {
  const open = code.replaceAll(STUCK, '$1 #').replaceAll(/#([a-zA-Z]\w*)/g, '_$$$1$$');
  const { code: shorter } = await minify(open, READABLE);
  return shorter.replaceAll(/_\$(\w+)\$/g, '#$1').replace(/;$/, '');
}

/** Imports of bundled modules go past Node's search for files; `homes` says in which bundle a module is. */
async function wrapped(id, sources, homes) {
  const body = withoutRare(id, sources.get(id), homes.get(id))
    .replace(/^"use strict";\n?/, '')
    .replace(UNDEFINED_YET, '')
    .replaceAll(IMPORT, (_, request) => {
      const imported = posix.join(posix.dirname(id), request);
      const home = homes.get(imported);
      if (home === undefined) return `require("./${imported}")`;
      return `${home === homes.get(id) ? 'load' : loaderOf(home)}(${JSON.stringify(imported)})`;
    });
  // In parentheses V8 compiles a function at once instead of skipping it first: nearly every module runs at the start.
  return `${JSON.stringify(id)}:${await compact(`(function(module,exports,__dirname){${body}})`)}`;
}

/** What is used in the middle of functions may be used often: `require` takes half a microsecond even for what is loaded. */
const loaderOf = (home) => LOADERS[home] ?? `require("./${home}")`;
const LOADERS = { 'shared-code.js': 'loadShared', 'rare-code.js': 'loadRare' };

/** Said where a program's bundler has put the package into an ES module, which has no folder to start workers from. */
const IN_A_MODULE = 'manyhands cannot be part of a bundle: leave it out (esbuild: --external:manyhands)';

async function bundle(name, sources, homes) {
  const ids = [...homes.keys()].filter((id) => homes.get(id) === name);
  const modules = await Promise.all(ids.map((id) => wrapped(id, sources, homes)));
  return `"use strict";
if (typeof __dirname === "undefined") throw new Error(${JSON.stringify(IN_A_MODULE)});
const loaded = Object.create(null);
const modules = {
${modules.join(',\n')}
};
function load(id) {
  const known = loaded[id];
  if (known !== undefined) return known.exports;
  const module = (loaded[id] = { exports: {} });
  try {
    modules[id](module, module.exports, __dirname + ("/" + id).replace(/\\/[^/]*$/, ""));
  } catch (error) {
    delete loaded[id];
    throw error;
  }
  return module.exports;
}
let shared, rare;
const loadShared = (id) => (shared ??= require("./shared-code.js"))(id);
const loadRare = (id) => (rare ??= require("./rare-code.js"))(id);
module.exports = load;
${
  MAINS[name] === undefined
    ? ''
    : `if (require.main === module) load(${JSON.stringify(MAINS[name])});
`
}`;
}

/** Bundles the modules below `dist` (a path that ends in a slash); each of their files then only refers to its bundle. */
export async function bundleModules(dist) {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const sources = new Map(files.map((file) => [file, readFileSync(`${dist}${file}`, 'utf8')]));
  const homes = new Map();
  for (const [home, entries] of Object.entries(BUNDLES)) {
    const isLater = (id) => home === 'child-code.js' && LATER.includes(id);
    for (const id of entries.flatMap((entry) => [...closureOf(entry, sources, isLater)])) {
      if (!homes.has(id) && !APART.includes(id) && !SELDOM.includes(id)) homes.set(id, home);
    }
  }
  for (const home of Object.keys(BUNDLES)) writeFileSync(`${dist}${home}`, await bundle(home, sources, homes));
  for (const [id, home] of homes) {
    const path = posix.relative(posix.dirname(id), home);
    const request = path.startsWith('.') ? path : `./${path}`;
    writeFileSync(`${dist}${id}`, `"use strict";module.exports=require("${request}")(${JSON.stringify(id)});\n`);
  }
}
