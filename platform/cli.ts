// What both command lines share: commands in a table, clear refusals, and a passphrase that is never echoed.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AssentError, ERRORS } from '../shared/errors.ts';

export type Io = {
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** Asks without echo; undefined where nobody can be asked. */
  ask: ((question: string) => Promise<string>) | undefined;
  /** Ends long-running commands. */
  signal: AbortSignal;
};

type Options = NonNullable<ParseArgsConfig['options']>;
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
export type Command<Context> = {
  /** Words after the command's own, for the help: `STUDY ROUND`. */
  usage: string;
  help: string;
  arguments: [least: number, most: number];
  options?: Options;
  run(context: Context, args: string[], values: Values, io: Io): Promise<void>;
};

export class UsageError extends Error {}

/** Exit codes: 0 done, 1 refused, 2 wrong usage. A command may have a name of two words ("audit export"). */
export async function runCommand<Context>(
  program: string,
  commands: Readonly<Record<string, Command<Context>>>,
  common: Options,
  argv: readonly string[],
  io: Io,
  open: (name: string, values: Values) => Promise<{ context: Context; close(): Promise<void> }>,
): Promise<number> {
  try {
    const { name, words } = find(commands, common, argv);
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) {
      if (name === 'help') io.out(help(program, commands));
      else io.err(`There is no command ${name}. See: ${program} help\n`);
      return name === 'help' ? 0 : 2;
    }
    const { positionals: all, values } = parse(argv, { ...common, ...command.options });
    const positionals = all.slice(words);
    const [least, most] = command.arguments;
    if (positionals.length < least || positionals.length > most)
      throw new UsageError(`Usage: ${program} ${name} ${command.usage}`);
    const { context, close } = await open(name, values as Values);
    try {
      await command.run(context, positionals, values as Values, io);
    } finally {
      await close();
    }
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n`);
      return 2;
    }
    if (!(error instanceof AssentError)) throw error;
    const hint = ERRORS[error.code].hint.en;
    io.err(`${error.message}\n  ${error.message.includes(hint) ? '' : `${hint} `}[${error.code}]\n`);
    return 1;
  }
}

/** The command among the words, wherever the options stand; two words win over one. */
function find<Context>(
  commands: Readonly<Record<string, Command<Context>>>,
  common: Options,
  argv: readonly string[],
): { name: string; words: number } {
  const every = Object.assign({}, common, ...Object.values(commands).map(({ options }) => options ?? {})) as Options;
  const { positionals } = parseArgs({ args: [...argv], options: every, allowPositionals: true, strict: false });
  const [first = 'help', second] = positionals;
  const two = `${first} ${second}`;
  return Object.hasOwn(commands, two) ? { name: two, words: 2 } : { name: first, words: 1 };
}

function parse(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function help<Context>(program: string, commands: Readonly<Record<string, Command<Context>>>): string {
  const entries = Object.entries(commands).map(
    ([name, { usage, help: text }]) => `  ${`${name} ${usage}`.trim()}\n      ${text}\n`,
  );
  return `Usage: ${program} --home FOLDER COMMAND\n\n${entries.join('')}`;
}

/** How many words besides options a usage line asks for: `STUDY [ROUND] --out FILE` asks for one or two. */
export function wordsOf(usage: string): [least: number, most: number] {
  const words = usage.split(' ').filter((_, at, all) => !/^\[?--/.test(all[at - 1] ?? ''));
  const least = words.filter((word) => /^[A-Z]+$/.test(word)).length;
  return [least, least + words.filter((word) => /^\[[A-Z]+\]$/.test(word)).length];
}

export const text = (values: Values, name: string): string | undefined =>
  typeof values[name] === 'string' ? values[name] : undefined;

/** Of an option that may be given several times. */
export const texts = (values: Values, name: string): readonly string[] => {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
};

export function needed(values: Values, name: string): string {
  const value = text(values, name);
  if (value === undefined) throw new UsageError(`--${name} is needed.`);
  return value;
}

/** A whole number of at least 0; undefined when the option was not given. */
export function whole(values: Values, name: string): number | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--${name} is a whole number, not ${value}.`);
  return Number(value);
}

/** From --passphrase-file, ASSENT_PASSPHRASE_FILE, or the person at the terminal. Throws PASSPHRASE_MISSING. */
export async function passphraseOf(values: Values, io: Io, question = 'Passphrase: '): Promise<string> {
  const file = text(values, 'passphrase-file') ?? io.env['ASSENT_PASSPHRASE_FILE'];
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (cause) {
      throw new AssentError('PASSPHRASE_MISSING', `The passphrase file ${file} cannot be read.`, {}, cause);
    }
  }
  if (!io.ask) throw new AssentError('PASSPHRASE_MISSING', 'No passphrase was given and nobody is at the terminal.');
  return io.ask(question);
}

/** For a new store: what a person types is asked twice. Throws PASSPHRASE_WRONG when the two differ. */
export async function newPassphraseOf(values: Values, io: Io): Promise<string> {
  const first = await passphraseOf(values, io, 'Choose a passphrase for this new store: ');
  const typed = (text(values, 'passphrase-file') ?? io.env['ASSENT_PASSPHRASE_FILE']) === undefined;
  if (typed && first !== (await passphraseOf(values, io, 'Once more: ')))
    throw new AssentError('PASSPHRASE_WRONG', 'The two passphrases differ; no store was made.');
  return first;
}

/** The text of a file that a person named. Throws FILE_UNREADABLE. */
export function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AssentError('FILE_UNREADABLE', `The file ${path} cannot be read.`, { path }, cause);
  }
}

/** The real terminal and process; SIGINT and SIGTERM end long-running commands. */
export function processIo(): Io {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return {
    out: (line) => void process.stdout.write(printable(line)),
    err: (line) => void process.stderr.write(printable(line)),
    env: process.env,
    ask: process.stdin.isTTY ? (question) => askQuietly(question, stop.signal) : undefined,
    signal: stop.signal,
  };
}

async function askQuietly(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('', { signal });
  } catch (cause) {
    throw new AssentError('CANCELED', 'No passphrase was given.', {}, cause);
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** What others wrote, safe to show: control characters and direction overrides cannot repaint the terminal. */
export const printable = (words: string): string =>
  words.replaceAll(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
