// DIR/report.html: the figures of the summary as one page without scripts, that loads nothing.
import { curveSvg } from './curve.ts';
import type { Example } from './examples.ts';
import { style } from './report-style.ts';
import type { Summary } from './summary.ts';
import { bytes, seconds, settings } from './terminal.ts';
import { capital, inWords } from './words.ts';

const PUBLIC = 'possible only because this data is public';

export function reportPage(summary: Summary, { about, bench }: Pick<Example, 'about' | 'bench'>): string {
  const { algorithm, rounds, splitSeed, institutions } = summary;
  const { row, member } = summary.nouns;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assent demo: ${text(summary.study)}, ${text(algorithm)}, ${rounds.length} rounds</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${capital(inWords(institutions.length))} ${member.other} train one model with ${text(algorithm)}</h1>
<p class="lead">${lead(summary)}</p>
<p>${text(summary.title)}. ${text(about)}</p>
<p>${text(capital(settings(summary.hyperparameters)))}; ${rounds.length} rounds; split seed ${splitSeed}; ${summary.seconds} seconds in all, with a process for
each ${member.one} and one for the coordinator. The ${member.other}’ updates left under approvals; no ${row.one}’s record left.</p>
${roundsSection(summary)}
${comparisonSection(summary)}
${logsSection(summary)}
<section>
<h2>What these figures can’t show</h2>
<p>Own test rows are scored by each ${member.one}’s node. Everything on everyone’s test rows, and pooled training, is computed by the
demo from the public file with the same mapping and split: ${PUBLIC}. In a real consortium nobody could.</p>
<p>This is one split of ${summary.testRows} test ${row.other}, so a difference of a few hundredths may be chance.
<code>npm run bench -- ${text(bench)}</code> repeats the comparison over ten splits, with standard deviations.</p>
<p>The coordinator can read each ${member.one}’s update: this study neither masks updates nor adds noise to them.</p>
<p>A verified log proves that what it holds was not changed afterwards, not that everything that happened was put into it.</p>
</section>
</main>
</body>
</html>
`;
}

function lead({ consortiumAuc, pooledAuc, institutions, testRows, nouns: { row, member } }: Summary): string {
  const singles = institutions.flatMap(({ title, localAuc }) =>
    localAuc.everyone === null ? [] : [{ title, auc: localAuc.everyone }],
  );
  const best = singles.toSorted((a, b) => b.auc - a.auc)[0];
  if (consortiumAuc === null || pooledAuc === null || !best)
    return `There were too few test ${row.other} to compare models.`;
  return `On the ${testRows} test ${row.other} of all ${inWords(institutions.length)} ${member.other} the consortium’s model has an AUC of ${consortiumAuc.toFixed(3)}; the best single
${member.one}’s own model (${text(best.title)}) has ${best.auc.toFixed(3)}, and training on all ${row.other} in one place would give ${pooledAuc.toFixed(3)}.`;
}

function roundsSection({ rounds, institutions, nouns: { row, member } }: Summary): string {
  const who = (names: readonly string[]) =>
    names.length === institutions.length ? `all ${names.length}` : names.join(', ');
  return `<section>
<h2>Rounds</h2>
<div class="curves">
<figure><figcaption>AUC of the model after the round, on everyone’s test rows (${PUBLIC})</figcaption>
${curveSvg({ title: 'AUC', values: rounds.map(({ auc }) => auc), digits: 3, series: 1 })}</figure>
<figure><figcaption>Training loss of the model that the round began with, as the ${member.other} released it</figcaption>
${curveSvg({ title: 'Training loss', values: rounds.map(({ loss }) => loss), digits: 3, series: 2 })}</figure>
</div>
<div class="wide" tabindex="0" role="region" aria-label="Table of rounds">
<table>
<thead><tr><th>Round</th><th class="text">Took part</th><th>Loss</th><th>AUC, everyone’s*</th><th>Sent</th><th>Received</th><th>Time</th></tr></thead>
<tbody>
${rounds
  .map(
    (r) =>
      `<tr><td>${r.round}</td><td class="text">${text(who(r.participants))}</td>${cell(r.loss, 4)}${cell(r.auc)}<td>${bytes(r.bytesUp)}</td><td>${bytes(r.bytesDown)}</td><td>${seconds(r.seconds)}</td></tr>`,
  )
  .join('\n')}
</tbody>
<caption>Loss: weighted by ${row.other}. Sent and received: parts of the model, all ${member.other} together. * ${PUBLIC}.</caption>
</table>
</div>
</section>`;
}

function comparisonSection({ institutions, pooledAuc, testRows, nouns: { row, member } }: Summary): string {
  return `<section>
<h2>Each ${member.one}’s own model and the consortium’s</h2>
<div class="wide" tabindex="0" role="region" aria-label="Comparison of models">
<table>
<thead>
<tr><th rowspan="2">${capital(member.one)}</th><th rowspan="2">${capital(row.other)}</th><th rowspan="2">Test rows</th><th colspan="2">AUC, own test rows</th><th colspan="2">AUC, everyone’s ${testRows} test rows*</th></tr>
<tr><th>Own model</th><th>Consortium</th><th>Own model</th><th>Consortium</th></tr>
</thead>
<tbody>
${institutions
  .map(
    (one) =>
      `<tr><th scope="row">${text(one.title)}</th><td>${one.rows}</td><td>${one.testRows}</td>${cell(one.localAuc.own)}${cell(one.consortiumAuc.own)}${cell(one.localAuc.everyone)}${cell(one.consortiumAuc.everyone)}</tr>`,
  )
  .join('\n')}
<tr><th scope="row">All rows in one place (pooled)*</th><td></td><td></td><td></td><td></td><td></td>${cell(pooledAuc)}</tr>
</tbody>
<caption>Too few: fewer than 5 test ${row.other} with one of the two outcomes, so no figure is given. * ${PUBLIC}.</caption>
</table>
</div>
</section>`;
}

function logsSection({ logs }: Summary): string {
  return `<section>
<h2>Audit logs</h2>
<div class="wide" tabindex="0" role="region" aria-label="Audit logs">
<table>
<thead><tr><th>Log</th><th>Records</th><th class="text">Root</th><th class="text">assent-verify</th><th class="text">Cosigned by</th></tr></thead>
<tbody>
${logs
  .map(
    ({ name, size, root, verified, anchoredBy }) =>
      `<tr><td>${text(name)}</td><td>${size}</td><td class="text hash">${root}</td><td class="text ${verified ? 'good' : 'bad'}">${verified ? '✓ verified, signer known' : '✗ not verified'}</td><td class="text">${text(anchoredBy.join(', ') || 'nobody')}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table>
</div>
</section>`;
}

const cell = (value: number | null, digits = 3): string =>
  value === null ? '<td class="few">too few</td>' : `<td>${value.toFixed(digits)}</td>`;

const text = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
