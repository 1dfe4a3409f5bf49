/**
 * The report's style, for light and dark screens, narrow ones, and paper. One accent; everything else is ink and paper.
 */

/** Shades of the matrix, as parts of the darkest one, on which ink is still readable. */
const SHADES = [0.12, 0.23, 0.34, 0.46, 0.58, 0.71, 0.85, 1]

const shades = SHADES.map(
  (part, index) =>
    `.matrix .s${index + 1} { background: rgb(var(--accent-rgb) / calc(${part} * var(--darkest))) }`
).join('\n')

const LIGHT = `
  --paper: #ffffff; --ink: #1a2024; --soft: #59646c; --rule: #d8dee2; --wash: #f4f6f7;
  --accent: #0b6b75; --accent-rgb: 11 107 117; --darkest: 0.6;`

const DARK = `
  --paper: #14181b; --ink: #e4e9ec; --soft: #98a4ac; --rule: #30383d; --wash: #1c2226;
  --accent: #55c3cc; --accent-rgb: 85 195 204; --darkest: 0.5;`

export const STYLE = `
:root { color-scheme: light dark;${LIGHT} }
@media (prefers-color-scheme: dark) { :root {${DARK} } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 72rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
h1 { margin: 0.1rem 0 0.4rem; font-size: 2rem; line-height: 1.15; font-weight: 650; letter-spacing: -0.015em }
h2 { margin: 0 0 0.8rem; font-size: 1.05rem; font-weight: 650; letter-spacing: -0.005em }
h2 + p { margin-top: 0 }
p { margin: 0 0 0.8rem; max-width: 46rem }
small { font-size: inherit; color: var(--soft); font-weight: 400 }
.eyebrow { margin: 0; color: var(--accent); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.04em }
.lead { color: var(--soft) }
section { margin-top: 2.6rem; padding-top: 1.1rem; border-top: 1px solid var(--rule) }

.figure { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1.1rem 1.5rem; margin: 1.6rem 0 0 }
.figure dt { color: var(--soft); font-size: 0.8rem }
.figure dd { margin: 0; font-size: 1.3rem; font-weight: 600; line-height: 1.3; letter-spacing: -0.01em }
.figure dd small { display: block; font-size: 0.8rem; font-weight: 400; letter-spacing: 0; line-height: 1.4 }

.key { display: flex; flex-wrap: wrap; align-items: center; gap: 0.15rem 1.1rem; max-width: none; color: var(--soft); font-size: 0.8rem }
.key b { color: var(--ink); font-weight: 600 }
.key > span { display: inline-flex; align-items: center; gap: 0.4rem }
.swatch { width: 0.75rem; height: 0.75rem; border-radius: 2px; flex: none; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.swatch.receiving { background: rgb(var(--accent-rgb) / 0.3); border-top: 2px solid var(--accent) }
.swatch.sending { height: 0; border-top: 2px solid var(--soft) }
.swatch.completed { border-radius: 50%; background: var(--ink); width: 0.55rem; height: 0.55rem }
.swatch.joining { background: var(--rule) }
.swatch.starting { background: var(--soft) }
.swatch.exchange { background: var(--accent) }
.swatch.ending { background: rgb(var(--accent-rgb) / 0.4) }
.swatch.bound { border: 1.5px solid var(--ink) }

svg { display: block; overflow: visible }
svg svg { overflow: hidden }
dl.parts, dl.timeline { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 1rem; margin: 0 0 0.7rem; align-items: center }
dl.parts dt { font-size: 0.85rem; color: var(--soft) }
dl.parts b { color: var(--ink); font-weight: 600 }
dl.parts dd, dl.timeline dd { margin: 0; min-width: 0 }
rect.joining { fill: var(--rule) }
rect.starting { fill: var(--soft) }
rect.exchange { fill: var(--accent) }
rect.ending { fill: rgb(var(--accent-rgb) / 0.4) }
rect.bound { fill: none; stroke: var(--ink); stroke-width: 1.5 }

dl.timeline { row-gap: 0; margin-top: 0.4rem }
dl.timeline dt { max-width: 11rem; font-size: 0.8rem; line-height: 1.2; text-align: right; color: var(--soft) }
path.receiving { fill: rgb(var(--accent-rgb) / 0.3); stroke: var(--accent); stroke-width: 1.25; vector-effect: non-scaling-stroke }
path.sending { fill: none; stroke: var(--soft); stroke-width: 1.25; vector-effect: non-scaling-stroke }
rect.before { fill: var(--wash) }
line.grid { stroke: var(--rule); stroke-width: 1 }
line.base { stroke: var(--rule) }
line.tick { stroke: var(--soft) }
line.completed { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 2 }
circle.completed { fill: var(--ink) }
svg text { fill: var(--soft); font-size: 12px }

.scroll { overflow-x: auto; margin: 0 0 0.8rem }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
table { border-collapse: collapse; font-size: 0.8rem; line-height: 1.35; overflow-wrap: normal }
caption { text-align: left; color: var(--soft); padding: 0 0 0.5rem; caption-side: top }
caption span { display: inline-block; position: sticky; left: 0; max-width: min(46rem, calc(100vw - 2rem)); white-space: normal }
th, td { padding: 0.22rem 0.4rem; text-align: right; white-space: nowrap; font-weight: 400 }
th[scope=row], th[scope=col]:first-child, .name, .digest, .text { text-align: left }
tbody th[scope=row] { font-weight: 550 }
.long { display: inline-block; width: max-content; max-width: 17rem; white-space: normal; overflow-wrap: anywhere; vertical-align: top }
.figures th:first-child, .matrix th:first-child { position: sticky; left: 0; background: var(--paper) }
th.name, th.text { text-align: left }
thead th { color: var(--soft); vertical-align: bottom; white-space: normal }
thead th small { display: block }
thead tr:last-child > * { border-bottom: 1px solid var(--ink) }
tbody tr + tr > * { border-top: 1px solid var(--rule) }
tfoot > tr > * { border-top: 1px solid var(--ink); font-weight: 550 }
th[scope=colgroup] { text-align: center; color: var(--ink); font-weight: 550 }
th[scope=colgroup]::after { content: ''; display: block; height: 1px; margin-top: 0.2rem; background: var(--rule) }
.figures { width: 100% }
.digest { font: 0.92em ui-monospace, monospace }
.text { white-space: normal; min-width: 18rem }
em { font-style: normal; color: var(--soft) }

.matrix th, .matrix td { padding: 0.3rem 0.5rem }
.matrix tbody td { border: 1px solid var(--paper); min-width: 2.8rem; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.matrix tbody th, .matrix tfoot th { border: 0; padding-left: 0 }
.matrix .s0 { background: var(--wash); color: var(--soft) }
.matrix .self { background: linear-gradient(to top right, transparent calc(50% - 0.5px), var(--rule) 0, var(--rule) calc(50% + 0.5px), transparent 0) }
.matrix tbody td.sum, .matrix tfoot td { background: none; border-left: 0; font-weight: 550 }
.matrix thead tr:last-child > *, .matrix tfoot > tr > * { border: 0 }
.tight { font-size: 0.72rem }
.tight th, .tight td { padding: 0.28rem 0.3rem }
.matrix.tight tbody td { min-width: 0 }
.dense { font-size: 0.7rem; line-height: 1.1 }
.dense tbody td:not(.sum) { min-width: 0.85rem; width: 0.85rem; padding: 0; border-width: 1px }
.dense th, .dense td { padding: 0.12rem 0.3rem }
.dense thead th { padding: 0.2rem 0; vertical-align: bottom }
.dense thead th span, .dense tfoot td span { writing-mode: vertical-rl; transform: rotate(180deg); display: inline-block; text-align: left }
.dense tfoot td { padding: 0.2rem 0; vertical-align: top; text-align: center }
.dense tfoot td:last-child { padding: 0.2rem 0.3rem; text-align: right }
.dense thead th.sum { padding: 0.2rem 0.3rem; text-align: right }
.dense thead th.sum span { writing-mode: horizontal-tb; transform: none }
${shades}

dl.notes { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1.2rem; margin: 0 0 0.8rem; font-size: 0.85rem; max-width: 60rem }
dl.notes dt { color: var(--soft) }
dl.notes dd { margin: 0 }
footer { margin-top: 2.6rem; color: var(--soft); font-size: 0.8rem }

@media (max-width: 40rem) {
  body { padding: 1.4rem 1rem 3rem }
  h1 { font-size: 1.6rem }
  .figure { grid-template-columns: repeat(2, 1fr); gap: 0.9rem 1rem }
  .long { max-width: 9rem }
  .figure dd { font-size: 1.1rem }
  dl.parts, dl.notes { grid-template-columns: 1fr; gap: 0.1rem }
  dl.notes dd { margin-bottom: 0.5rem }
  dl.timeline { column-gap: 0.5rem }
  dl.timeline dt { max-width: 4.6rem; font-size: 0.72rem }
}
@media print {
  :root { color-scheme: light;${LIGHT} }
  @page { margin: 14mm; size: auto }
  body { padding: 0; max-width: none; font-size: 9.5pt }
  .scroll { overflow: visible }
  th:first-child { position: static !important }
  .figures, .faults { font-size: 6.2pt }
  .figures th, .figures td { padding: 0.12rem 0.18rem }
  .tight { font-size: 5.6pt }
  .tight th, .tight td { padding: 0.15rem 0.14rem }
  .dense { font-size: 4.4pt }
  .dense tbody td:not(.sum) { min-width: 0.46rem; width: 0.46rem }
  .dense th, .dense td { padding: 0.02rem 0.1rem }
  h2, caption { break-after: avoid }
  tr, dl.parts, dl.timeline dd, .figure > div { break-inside: avoid }
  thead { display: table-header-group }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`
