// What the desktop app says outside of its window.
const en = {
  open: 'Open Assent',
  quit: 'Quit',
  waits: 'A round waits for a decision.',
  waiting: (n: number) => (n === 1 ? 'Assent: 1 round waits' : `Assent: ${n} rounds wait`),
};
const zh: typeof en = {
  open: '打开 Assent',
  quit: '退出',
  waits: '有一个训练轮次等待决定。',
  waiting: (n) => `Assent：${n} 个轮次等待`,
};

export const shellTexts = (locale: string): typeof en => (locale.startsWith('zh') ? zh : en);
