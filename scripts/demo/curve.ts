// A small line chart as inline SVG: one series over the rounds, its last value written at the line.

export type Curve = { title: string; values: readonly (number | null)[]; digits: number; series: 1 | 2 };

const [WIDTH, HEIGHT] = [440, 190];
const EDGE = { left: 52, right: 58, top: 14, bottom: 30 };

/** Rounds count from 1. Values that are null leave a gap. */
export function curveSvg({ title, values, digits, series }: Curve): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '';
  const ticks = niceTicks(Math.min(...known), Math.max(...known));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const x = (i: number) => EDGE.left + (i / Math.max(1, values.length - 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value: number) => EDGE.top + ((high - value) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const points = values.flatMap((value, i) => (value === null ? [] : [{ i, x: x(i), y: y(value), value }]));
  const lines = points.map((point, at) => {
    const goesOn = at > 0 && points[at - 1]!.i === point.i - 1;
    return `${goesOn ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
  });
  const last = points.at(-1)!;
  const labels = [...new Set([0, Math.floor((values.length - 1) / 2), values.length - 1])];
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}, round 1 to ${values.length}: from ${points[0]!.value.toFixed(digits)} to ${last.value.toFixed(digits)}">`,
    ...ticks.map(
      (tick) =>
        `<line class="grid" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/>` +
        `<text class="tick" x="${EDGE.left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${shortest(tick)}</text>`,
    ),
    ...labels.map(
      (i) =>
        `<text class="tick" x="${x(i).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${i === 0 ? 'round 1' : i + 1}</text>`,
    ),
    `<path class="line s${series}" d="${lines.join('')}"/>`,
    ...points.map(
      (point) => `<circle class="dot s${series}" cx="${point.x.toFixed(1)}" cy="${point.y.toFixed(1)}" r="2.5"/>`,
    ),
    `<text class="value" x="${(last.x + 9).toFixed(1)}" y="${(last.y + 4).toFixed(1)}">${last.value.toFixed(digits)}</text>`,
    '</svg>',
  ].join('\n');
}

/** Three to six round numbers that enclose both ends. */
function niceTicks(low: number, high: number): number[] {
  const span = Math.max(high - low, 1e-3);
  const magnitude = 10 ** Math.floor(Math.log10(span / 3));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => span / size <= 4)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

const shortest = (value: number): string => String(Number(value.toPrecision(6)));
