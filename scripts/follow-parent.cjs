// Ends a launched program when its launcher is gone, even by SIGKILL, so that no server stays behind unseen.
// The channel alone keeps nothing alive; processes and workers that the program starts itself are not concerned.
const { isMainThread } = require('node:worker_threads');

const patienceSeconds = 30;

if (isMainThread && process.channel && process.env.ASSENT_PARENT === String(process.ppid)) {
  process.on('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), patienceSeconds * 1000).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  process.channel.unref();
}
