// npm run demo: a consortium of four hospitals (or, with --study, four lenders) and a coordinator trains one model on real data,
// in five processes on this machine, and everything it did can be verified afterwards.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTrainer } from '../main/training/trainer.ts';
import { compare, comparisonTable } from './demo/comparison.ts';
import { enrolAll, importAll, startConsortium, startStudy } from './demo/consortium.ts';
import { openEveryone } from './demo/everyone.ts';
import { exportAndVerify } from './demo/logs.ts';
import { DemoUsage, readOptions, type DemoOptions } from './demo/options.ts';
import { openPrograms, type Programs } from './demo/programs.ts';
import { reportPage } from './demo/report.ts';
import { followRounds } from './demo/rounds.ts';
import type { Summary } from './demo/summary.ts';
import { bytes, settings } from './demo/terminal.ts';
import { inWords, nounsOf } from './demo/words.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!(error instanceof DemoUsage)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.code;
  }
  const stop = new AbortController();
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(name, () => {
        stop.abort();
        reject(new Error(`Ended by ${name}; all processes are stopped. What there is lies in ${options.folder}`));
      });
  });
  const programs = openPrograms();
  const work = demo(options, programs, stop.signal);
  try {
    await Promise.race([work, programs.failed, interrupted]);
    return 0;
  } catch (error) {
    const { message } = error as Error;
    process.stderr.write(
      `\nThe demo did not come to its end. ${message}\nWhat each process said lies in ${options.folder}/*/output.log\n`,
    );
    return stop.signal.aborted ? 130 : 1;
  } finally {
    stop.abort();
    await programs.stop();
    await work.catch(() => {}); // it has failed by now: nobody answers it any more
  }
}

async function demo(options: DemoOptions, programs: Programs, signal: AbortSignal): Promise<void> {
  const { folder, example, study, json } = options;
  const nouns = nounsOf(study);
  const members = nouns.member.other;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const print = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const say = (line: string) => print(`${elapsed().toFixed(1).padStart(5)} s  ${line}`);
  const { name: algorithm, ...hyperparameters } = study.algorithm;

  print(
    `Assent: ${inWords(example.members.length)} ${members} train one model with ${algorithm} (${settings(hyperparameters)}), ${study.rounds} rounds, split seed ${study.split.seed}`,
  );
  print(`${example.about} Everything lies in:\n  ${folder}\n`);

  const trainer = createTrainer({ device: 'cpu', threads: 1, memoryLimitMb: 'none' });
  try {
    const setUp = { folder, example, study, programs, signal, say };
    const consortium = await startConsortium(setUp);
    const coordinatorKeys = await enrolAll(consortium, setUp);
    const datasets = await importAll(consortium, setUp);
    const everyone = await openEveryone(
      trainer,
      study,
      consortium.institutions.map(({ file }) => file),
    );
    const studyHash = await startStudy(consortium, datasets, setUp);

    const { rounds, last } = await followRounds(consortium, { study, everyone, signal, print });
    print(
      `loss: mean of the ${members}’ training losses, weighted by ${nouns.row.other}, of the model that the round began with\n`,
    );

    say(`every ${nouns.member.one} trains a model of its own to compare with; it never leaves`);
    const institutions = await compare(
      consortium,
      datasets.map(({ rows }) => Number(rows)),
      { study, everyone, last, signal },
    );
    const consortiumAuc = await everyone.auc(last);
    const pooledAuc = await everyone.auc(await everyone.trainPooled());
    const { testRows } = everyone;
    print(`\n${comparisonTable(institutions, { consortiumAuc, pooledAuc, testRows, nouns })}\n`);

    const policyFile = (name: string) => path.join(folder, 'keys', `${name}.policy`);
    const { id } = example.consortium;
    const logs = await exportAndVerify({ ...consortium, id }, coordinatorKeys, policyFile);
    say(
      `the ${inWords(logs.length)} audit logs are exported and checked with assent-verify, each under the keys that the consortium knows`,
    );
    const wide = Math.max(...logs.map(({ name }) => name.length));
    for (const { name, size, root, verified, anchoredBy } of logs)
      print(
        `         ${name.padEnd(wide)}  ${String(size).padStart(4)} records  root ${root.slice(0, 16)}…  ${verified ? `verified, cosigned by ${anchoredBy.length}` : 'NOT VERIFIED'}`,
      );

    await programs.stop();
    const summary: Summary = {
      seconds: Math.round(elapsed() * 10) / 10,
      study: study.id,
      title: study.title.en,
      nouns,
      studyHash,
      algorithm,
      hyperparameters,
      splitSeed: study.split.seed,
      consortiumAuc,
      pooledAuc,
      testRows,
      rounds,
      institutions,
      logs,
    };
    writeFileSync(path.join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
    writeFileSync(path.join(folder, 'report.html'), reportPage(summary, example));
    if (json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    if (logs.some(({ verified }) => !verified)) throw new Error('Not every log could be verified.');

    const sent = rounds.reduce((sum, round) => sum + round.bytesUp, 0);
    print(
      `\nDone in ${summary.seconds} s. ${bytes(sent)} of model changes left the ${members}, and no ${nouns.row.one}'s record.`,
    );
    print(`  ${path.join(folder, 'report.html')}\n  ${path.join(folder, 'summary.json')}`);
    const { name: one } = institutions.at(-1)!;
    print('Now change one character of an entries.jsonl, and see the verifier name the record:');
    print(`  npx --no-install assent-verify ${path.join(folder, one, 'audit')} --policy ${policyFile(one)}`);
  } finally {
    await trainer.close();
  }
}
