/** The makespan beside the lower bound, and its parts, as bars on one scale. */
import { printable } from '../../core/names.ts'
import { formatDuration } from '../../view/units.ts'
import type { Report } from '../report.ts'
import { html, type Markup, NOTHING } from './markup.ts'

interface RunPart {
  kind: 'joining' | 'starting' | 'exchange' | 'ending'
  text: string
  lengthMs: number
}

export function partsOf({ times, bound, peers }: Report): Markup {
  const { makespanMs } = times
  if (makespanMs === null || makespanMs <= 0) {
    return NOTHING
  }
  const scaleMs = Math.max(makespanMs, bound?.boundMs ?? 0)
  const percent = (ms: number): string => `${((ms / scaleMs) * 100).toFixed(2)}%`
  const parts = runParts(times, peers)
  let fromMs = 0
  const bars = parts.map(({ kind, text, lengthMs }) => {
    const x = fromMs
    fromMs += lengthMs
    return html`<rect class="${kind}" x="${percent(x)}" y="0" width="${percent(lengthMs)}" height="18"><title>${text}: ${formatDuration(lengthMs)}</title></rect>`
  })
  const label = parts.map(({ text, lengthMs }) => `${text} ${formatDuration(lengthMs)}`).join(', ')
  const whose =
    bound === null
      ? ''
      : bound.peer === null
        ? 'all uplinks'
        : `${printable(bound.peer)}’s ${bound.term === 'downlink' ? 'downlink' : 'uplink'}`
  return html`<dl class="parts">
<dt>makespan <b>${formatDuration(makespanMs)}</b></dt>
<dd><svg width="100%" height="18" role="img" aria-label="${label}">${bars}</svg></dd>
${
  bound === null
    ? NOTHING
    : html`<dt>lower bound <b>${formatDuration(bound.boundMs)}</b></dt>
<dd><svg width="100%" height="18" role="img" aria-label="${whose}"><rect class="bound" x="0" y="0.5" width="${percent(bound.boundMs)}" height="17"><title>${whose}</title></rect></svg></dd>
`
}</dl>
<p class="key">${parts.map(({ kind, text, lengthMs }) => html`<span><span class="swatch ${kind}"></span>${text} <b>${formatDuration(lengthMs)}</b></span> `)}${bound === null ? NOTHING : html`<span><span class="swatch bound"></span>${whose}${bound.basis === 'configured' ? '' : ', by measured rates'}</span>`}</p>
`
}

/** Parts that are large enough to see, in the order of time. */
function runParts(times: Report['times'], peers: Report['peers']): RunPart[] {
  const { firstRegisteredAtMs, catalogAtMs, firstChunkAtMs, lastButOneCompletedAtMs, lastCompletedAtMs } =
    times
  const start = firstRegisteredAtMs ?? 0
  const end = lastCompletedAtMs ?? start + (times.makespanMs ?? 0)
  const clamp = (atMs: number | null, least: number): number => Math.min(end, Math.max(least, atMs ?? least))
  const catalog = clamp(catalogAtMs, start)
  const firstChunk = clamp(firstChunkAtMs, catalog)
  const alone = peers.length > 1 ? clamp(lastButOneCompletedAtMs ?? end, firstChunk) : end
  const parts: RunPart[] = [
    { kind: 'joining', text: 'until the catalog', lengthMs: catalog - start },
    { kind: 'starting', text: 'until the first chunk', lengthMs: firstChunk - catalog },
    { kind: 'exchange', text: 'exchange', lengthMs: alone - firstChunk },
    { kind: 'ending', text: 'only one peer incomplete', lengthMs: end - alone }
  ]
  return parts.filter(({ lengthMs }) => lengthMs >= 0.5)
}
