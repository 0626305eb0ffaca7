// `npm run format`: writes every file the way prettier wants it.
import { runTool } from './tools.ts';

const { ok, output } = await runTool('prettier', ['--write', '--log-level', 'warn', '--cache', '.']);
process.stdout.write(output);
process.exitCode = ok ? 0 : 1;
