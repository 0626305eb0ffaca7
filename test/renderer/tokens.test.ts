// Colours of the interface: contrast by WCAG 2.2 wherever two of them meet, and plots that colour-blind eyes can tell apart.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL('../../renderer/styles/tokens.css', import.meta.url), 'utf8');
const coloursOf = (text: string) =>
  Object.fromEntries([...text.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((found) => [found[1]!, found[2]!]));
const media = css.indexOf('@media (prefers-color-scheme');
const chosen = css.indexOf(":root[data-theme='dark']");
const light = coloursOf(css.slice(0, media));
const dark = coloursOf(css.slice(chosen));

const linear = (hex: string) =>
  [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
function luminance(hex: string): number {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const STATES = ['waiting', 'approved', 'declined', 'running', 'sent', 'warning', 'danger'];
const PLOTS = [1, 2, 3, 4, 5, 6].map((n) => `plot-${n}`);
const GROUNDS = ['bg', 'surface', 'raised', 'sunken', 'hover', 'accent-soft'];
const PAIRS: [string, string, number][] = [
  ...['ink', 'ink-2', 'ink-3', 'accent'].flatMap((ink) =>
    GROUNDS.map((on): [string, string, number] => [ink, on, 4.5]),
  ),
  ...['ink', 'ink-2'].flatMap((ink) => STATES.map((state): [string, string, number] => [ink, `${state}-soft`, 4.5])),
  ...STATES.flatMap((state): [string, string, number][] => [
    [state, `${state}-soft`, 4.5],
    [state, 'surface', 4.5],
    [state, 'bg', 4.5],
  ]),
  ['ink', 'selection', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['on-accent', 'accent-press', 4.5],
  ['on-danger', 'danger', 4.5],
  ...['line-control', 'focus'].flatMap((line) =>
    ['surface', 'bg', 'raised', 'sunken'].map((on): [string, string, number] => [line, on, 3]),
  ),
  ...PLOTS.map((plot): [string, string, number] => [plot, 'surface', 3]),
  ['plot-axis', 'surface', 4.5],
];

test.each([
  ['light', light],
  ['dark', dark],
])('text, controls and plots of the %s colours have the contrast that WCAG asks for', (_name, colours) => {
  const weak = PAIRS.filter(([a, b, least]) => contrast(colours[a]!, colours[b]!) < least);
  expect(weak).toEqual([]);
});

// Machado, Oliveira and Fernandes, 2009, severity 1.0, on linear RGB.
const EYES: Record<string, number[]> = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

test.each(Object.keys(EYES))('the first two plot colours stay apart for eyes with %s', (eye) => {
  const m = EYES[eye]!;
  const seen = (hex: string) => {
    const rgb = linear(hex);
    return [0, 1, 2].map((row) => rgb.reduce((sum, c, at) => sum + m[row * 3 + at]! * c, 0));
  };
  for (const colours of [light, dark])
    expect(Math.hypot(...seen(colours['plot-1']!).map((c, i) => c - seen(colours['plot-2']!)[i]!))).toBeGreaterThan(
      0.25,
    );
});

test('the dark colours are the same whether the system or a person chose them', () => {
  expect(coloursOf(css.slice(media, chosen))).toEqual(dark);
});
