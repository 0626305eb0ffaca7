// assent-node at a terminal: one command after another in this process, each opening the same new store.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../main/headless.ts';
import { temporaryFolder } from './temporary.ts';

/** `told` hears what comes on standard error as it comes; the signal is Ctrl-C. */
export function nodeTerminal() {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path('passphrase'), 'a passphrase for this test\n');
  const run = async (argv: string[], told: (err: string) => void = () => {}, signal = new AbortController().signal) => {
    let [out, err] = ['', ''];
    const hear = (text: string) => {
      err += text;
      told(text);
    };
    const env = { ASSENT_PASSPHRASE_FILE: path('passphrase') };
    const io = { out: (text: string) => (out += text), err: hear, env, ask: undefined, signal };
    const code = await main(['--home', path('home'), ...argv], io);
    return { code, out, err };
  };
  const file = (name: string, content: string) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  return { run, file };
}
