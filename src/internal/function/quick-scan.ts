// A cheap look at simple functions such as `x => x * x`, which saves loading the parser; gives up where it is not sure.
import type { Analysis, FreeVariable } from './analysis.js';
import { named } from './naming.js';

const PARAMETERS = String.raw`\(\s*((?:[A-Za-z_$][\w$]*\s*,\s*)*(?:[A-Za-z_$][\w$]*\s*)?)\)`;
const ARROW = new RegExp(String.raw`^(?:async\s*)?(?:${PARAMETERS}|([A-Za-z_$][\w$]*))\s*=>\s*`);
const FUNCTION = new RegExp(String.raw`^(?:async\s+)?function\s*([A-Za-z_$][\w$]*)?\s*${PARAMETERS}\s*(?=\{)`);

/** Words that declare nothing and mean the same everywhere. `let` and `const` are looked at apart. */
const WORDS = new Set([
  'return',
  'if',
  'else',
  'typeof',
  'null',
  'true',
  'false',
  'new',
  'void',
  'throw',
  'await',
  'while',
  'do',
  'break',
  'continue',
  'instanceof',
]);
/** Words after which the scan gives up: scopes of their own, or surroundings. */
const SURRENDER = new Set([
  'function',
  'class',
  'var',
  'for',
  'of',
  'in',
  'switch',
  'case',
  'default',
  'try',
  'catch',
  'finally',
  'with',
  'this',
  'super',
  'arguments',
  'eval',
  'import',
  'yield',
  'async',
  'delete',
  'debugger',
  'export',
  'enum',
  'static',
  'get',
  'set',
  'using',
  'target',
  'meta',
]);

/** A word, a number, a plain text, punctuation; not a slash (regular expressions), backquote, `=>`, braces of literals. */
const TOKEN =
  /\s+|([A-Za-z_$][\w$]*)|(\d[\w]*(?:\.\d\w*)?(?![\w.$])|\.\d\w*)|('[^'\\\n]*'|"[^"\\\n]*")|(=>|\?\.|\.\.\.|[.,;(){}[\]<>=!?:+\-*%&|^~])/y;

/** The analysis of a function whose text is simple enough to be read without a parser; undefined: it is not. */
export function quickScan(text: string, name: string): Analysis | undefined {
  if (text.length > 2000) return undefined;
  const arrow = ARROW.exec(text);
  const head = arrow ?? FUNCTION.exec(text);
  if (head === null) return undefined;
  const own = arrow === null ? head[1] : undefined;
  const parameters = (arrow === null ? head[2] : (head[1] ?? head[2])) ?? '';
  const known = new Set(parameters.split(/[\s,]+/).filter((word) => word !== ''));
  for (const parameter of known)
    if (WORDS.has(parameter) || SURRENDER.has(parameter) || parameter === 'let' || parameter === 'const')
      return undefined;
  if (own !== undefined) known.add(own);
  const free = new Map<string, FreeVariable>();
  if (!scan(text, head[0].length, known, free)) return undefined;
  // Its own name as anything but a callee may be how it keeps state: the parser tells.
  if (
    own !== undefined &&
    new RegExp(String.raw`(?<![\w$.])${own.replaceAll('$', '\\$')}(?!\s*\(|[\w$])`).test(text.slice(head[0].length))
  )
    return undefined;
  const { before, after } = named(name, own === undefined);
  return {
    shape: arrow === null ? 'function' : 'arrow',
    before,
    text,
    after: `\n${after}`,
    start: 0,
    anchor: arrow === null && own !== undefined ? text.indexOf('(') : 0,
    free,
    heritage: false,
    usesMeta: false,
    importsDynamically: false,
    plainFunction: arrow === null && !text.startsWith('async'),
    obstacle: undefined,
    touchesItself: false,
  };
}

/** Collects the free names of a body. False: something in it needs the parser. */
function scan(text: string, from: number, known: Set<string>, free: Map<string, FreeVariable>): boolean {
  const block = text[from] === '{';
  let depth = 0;
  let member = false;
  let declares = false;
  const used = new Set<string>();
  TOKEN.lastIndex = from;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    if (token === null) return false;
    const [, word, , , mark] = token;
    if (word !== undefined) {
      if (member) member = false;
      else if (word === 'const' || word === 'let') {
        // Only declarations of the outermost block, so that a name means one thing throughout.
        if (!block || depth !== 1) return false;
        declares = true;
      } else if (declares) {
        if (WORDS.has(word) || SURRENDER.has(word) || used.has(word)) return false;
        known.add(word);
        declares = false;
      } else if (SURRENDER.has(word)) return false;
      else if (word === 'new' && /^\s*\./.test(text.slice(TOKEN.lastIndex))) return false;
      else if (!WORDS.has(word)) {
        if (known.has(word)) continue;
        used.add(word);
        note(free, word, text.slice(TOKEN.lastIndex, TOKEN.lastIndex + 200));
      }
      continue;
    }
    if (mark === undefined) {
      if (token[0].trim() !== '') {
        if (declares || member) return false;
      }
      continue;
    }
    if (declares || member) return false;
    if (mark === '=>' || mark === '...') return false;
    if (mark === '.' || mark === '?.') {
      // `?.[` and `?.(` are not members; the parser reads them.
      member = true;
    } else if (mark === '{') {
      if (at !== from && !blockAllowed(text, at)) return false;
      depth += 1;
    } else if (mark === '}') depth -= 1;
    else if (mark === ',' && block && depth === 1 && /(?:^|[;{}])\s*(?:let|const)\s[^;]*$/.test(text.slice(from, at)))
      return false;
    else if (mark === '=' && isWrite(text, at)) {
      const target = /([A-Za-z_$][\w$]*)\s*[-+*%&|^<>?]*$/.exec(text.slice(0, at))?.[1];
      if (target !== undefined && free.has(target)) return false;
    } else if ((mark === '+' || mark === '-') && text[at + 1] === mark) {
      // `++` and `--` write to what stands beside them: only names of the function's own are simple.
      if (free.size > 0) return false;
      if (/^..\s*[A-Za-z_$]/.test(text.slice(at)) && !startsWithKnown(text.slice(at + 2).trimStart(), known))
        return false;
    } else if (mark === ':' && !/\?/.test(text.slice(from, at))) return false; // a label
  }
  return true;
}

/** Notes one use of a free name, from what follows it. */
function note(free: Map<string, FreeVariable>, name: string, rest: string): void {
  let known = free.get(name);
  if (known === undefined) {
    known = { assigned: false, typeofOnly: false, whole: false, called: false, members: new Set() };
    free.set(name, known);
  }
  const member = /^\s*\.\s*([\w$]+)\s*(\(|\?\.)?/.exec(rest);
  if (member?.[1] === undefined) known.whole = true;
  else {
    known.members.add(member[1]);
    if (member[2] !== undefined) known.called = true;
  }
}

/** A brace after `)`, `else`, `do`, or at the beginning of a statement opens a block, not an object. */
const blockAllowed = (text: string, at: number): boolean => /(?:\)|\belse|\bdo)\s*$/.test(text.slice(0, at));

const isWrite = (text: string, at: number): boolean =>
  text[at + 1] !== '=' && (!/[=!<>]/.test(text[at - 1] ?? '') || /<<|>>/.test(text.slice(at - 2, at)));

const startsWithKnown = (text: string, known: ReadonlySet<string>): boolean =>
  known.has(/^[\w$]+/.exec(text)?.[0] ?? '');
