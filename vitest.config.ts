import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**'],
    // Processes, not threads: native TensorFlow and SQLite keep state a process, and a test may end its own.
    pool: 'forks',
    maxWorkers: 2,
    // Generous, for slow machines; flows that run several processes set their own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
  },
});
