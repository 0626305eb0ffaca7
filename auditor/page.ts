// The page of verify.html: takes what is dropped or chosen, hands it to the worker, shows what comes back as text.

import type { Asked, Told } from './worker.ts';

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const WORDS = {
  ok: 'Sound · 核验通过',
  'not-shown': 'Sound as far as it is shown · 已出示部分核验通过，其余无法判断',
  failed: 'FAILED · 核验不通过',
};
/** All that is not plainly ok is listed, and so many of the others. */
const MOST_OK = 1_000;
/** In the file itself, so that nothing is loaded from anywhere. */
const workerUrl = URL.createObjectURL(new Blob([element('worker').textContent], { type: 'text/javascript' }));

let worker: Worker | undefined;
let last: Pick<Asked, 'zip' | 'files'> | undefined;

function show(verdict: keyof typeof WORDS | 'working', text: string): void {
  const heading = element('verdict');
  heading.textContent = verdict === 'working' ? 'Checking … · 正在核验' : WORDS[verdict];
  heading.className = verdict;
  element('report').textContent = text;
  // For whoever drives the page by program.
  document.body.dataset['verdict'] = verdict;
}

function start(what: Pick<Asked, 'zip' | 'files'>): void {
  last = what;
  worker?.terminate();
  worker = new Worker(workerUrl);
  const list = element('rounds');
  list.replaceChildren();
  let fine = 0;
  show('working', '');
  worker.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    if (data.kind === 'end') {
      show(data.verdict, data.report);
      const more = fine > MOST_OK ? `, and ${fine - MOST_OK} more rounds that are ok` : '';
      element('time').textContent = `Checked here, in ${data.seconds.toFixed(1)} seconds${more}.`;
      document.body.dataset['seconds'] = data.seconds.toFixed(3);
      return;
    }
    for (const { verdict, text } of data.lines) {
      if (verdict === 'ok' && ++fine > MOST_OK) continue;
      const line = document.createElement('li');
      line.textContent = text;
      line.className = verdict;
      list.append(line);
    }
  });
  worker.addEventListener('error', ({ message }) => show('failed', `This browser cannot check it: ${message}`));
  const asked: Asked = {
    ...what,
    policy: element<HTMLTextAreaElement>('policy').value,
    fingerprint: element<HTMLInputElement>('fingerprint').value,
  };
  worker.postMessage(asked);
}

/** One file is the zip; several are what was in it. */
function startWith(files: { path: string; file: File }[]): void {
  const [first] = files;
  if (first === undefined) return;
  if (files.length === 1 && /\.zip$/i.test(first.file.name)) return start({ zip: first.file, files: [] });
  // Below the one folder that was chosen or dropped.
  const within = files.every(({ path }) => path.startsWith(`${files[0]!.path.split('/')[0]!}/`));
  start({
    zip: null,
    files: files.map(({ path, file }) => ({ path: within ? path.slice(path.indexOf('/') + 1) : path, file })),
  });
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((done, fail) => entry.file(done, fail));

async function below(entry: FileSystemEntry): Promise<{ path: string; file: File }[]> {
  if (entry.isFile) return [{ path: entry.fullPath.slice(1), file: await fileOf(entry as FileSystemFileEntry) }];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: { path: string; file: File }[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await below(one)));
  }
}

function chosen({ target }: Event): void {
  const input = target as HTMLInputElement;
  const files = [...input.files!].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  input.value = ''; // so that the same file can be chosen again
  startWith(files);
}
element('zip').addEventListener('change', chosen);
element('folder').addEventListener('change', chosen);
// Who types a fingerprint afterwards need not drop the package again.
for (const id of ['fingerprint', 'policy'])
  element(id).addEventListener('change', () => {
    if (last) start(last);
  });
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  const entries = [...(event.dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
  void Promise.all(entries.map(below)).then((all) => startWith(all.flat()));
});
