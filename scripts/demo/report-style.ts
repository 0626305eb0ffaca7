// The report's own style sheet: the page loads nothing from anywhere.
export const style = `
:root { color-scheme: light dark;
  --bg: #f5f6f8; --surface: #ffffff; --sunken: #eef0f3; --line: #dfe3e8;
  --ink: #17202b; --ink-2: #434e5c; --ink-3: #5a6573;
  --approved: #17693a; --danger: #a8201a;
  --plot-1: #1f4fae; --plot-2: #d2600c; --plot-grid: #e4e7ec; --plot-axis: #5a6573; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #11151a; --surface: #191f27; --sunken: #0d1116; --line: #2d3641;
  --ink: #e7ebf1; --ink-2: #b8c1cd; --ink-3: #98a3b1;
  --approved: #7fd29e; --danger: #f6a19b;
  --plot-1: #6d94ff; --plot-2: #f5cf4a; --plot-grid: #29323c; --plot-axis: #98a3b1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: .875rem/1.3125rem system-ui, -apple-system, "Segoe UI",
  Roboto, "Noto Sans", "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { font-size: 1.25rem; line-height: 1.6875rem; margin: 0 0 .5rem; font-weight: 600; }
h2 { font-size: 1rem; line-height: 1.5rem; margin: 0 0 .75rem; font-weight: 600; }
p { margin: 0 0 .75rem; max-width: 42rem; color: var(--ink-2); }
p.lead { font-size: 1rem; line-height: 1.5rem; color: var(--ink); }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem; margin-top: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .8125rem; line-height: 1.1875rem; }
caption { text-align: left; font-size: .75rem; color: var(--ink-3); padding: .5rem 0 0; caption-side: bottom; }
th, td { padding: .375rem .75rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; font-size: .75rem; color: var(--ink-2); }
tbody tr > :first-child, thead tr:first-child > :first-child { text-align: left; padding-left: 0; }
.text { text-align: left; }
th[colspan] { text-align: center; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-size: .8125rem; color: var(--ink); }
.few { color: var(--ink-3); }
.hash { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Liberation Mono", monospace; font-size: .75rem; }
.good { color: var(--approved); font-weight: 600; }
.bad { color: var(--danger); font-weight: 600; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; margin-bottom: 1rem; }
figure { margin: 0; display: flex; flex-direction: column; justify-content: space-between; }
figcaption { font-size: .75rem; color: var(--ink-2); margin-bottom: .25rem; }
svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--plot-grid); }
.tick { fill: var(--plot-axis); font-size: 12px; }
.value { fill: var(--ink); font-size: 13px; font-weight: 600; }
.line { fill: none; stroke-width: 2; }
.line.s1 { stroke: var(--plot-1); } .dot.s1 { fill: var(--plot-1); }
.line.s2 { stroke: var(--plot-2); stroke-dasharray: 6 4; } .dot.s2 { fill: var(--plot-2); }
code { font-family: ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; font-size: .75rem; background: var(--sunken); border-radius: 4px; padding: .125rem .25rem; }
`;
