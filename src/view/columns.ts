/** Measures text in terminal columns: letters of some scripts take two, others none. */
import stringWidth from 'string-width'

const JOINER = '\u200d'

const graphemes = new Intl.Segmenter()

/** Joined emoji count as on a terminal that cannot join them, because a line that is too long breaks. */
export function columnsOf(text: string): number {
  return stringWidth(text.replaceAll(JOINER, ''))
}

/** The text, or the part of it that fits, with a sign that there was more. It has no colours yet. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) {
    return text
  }
  let kept = ''
  let columns = 0
  for (const { segment } of graphemes.segment(text)) {
    columns += columnsOf(segment)
    if (columns > width - 1) {
      break
    }
    kept += segment
  }
  return width > 0 ? `${kept}…` : ''
}

/**
 * The text, or both of its ends with a sign between them that there was more: names often differ at their ends, and a
 * file's extension is there. It has no colours yet.
 */
export function cutMiddle(text: string, width: number): string {
  if (columnsOf(text) <= width || width < 3) {
    return cut(text, width)
  }
  const segments = Array.from(graphemes.segment(text), ({ segment }) => segment)
  const endWidth = Math.floor((width - 1) / 2)
  const end = fromTheStart(segments.toReversed(), endWidth).reverse().join('')
  const start = fromTheStart(segments, width - 1 - columnsOf(end)).join('')
  return `${start}…${end}`
}

/** As many of the segments as fit. */
function fromTheStart(segments: readonly string[], width: number): string[] {
  const kept: string[] = []
  let columns = 0
  for (const segment of segments) {
    columns += columnsOf(segment)
    if (columns > width) {
      break
    }
    kept.push(segment)
  }
  return kept
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - columnsOf(text))) + text
}

/** The width of each column that these cells need. */
export function widthsOf(rows: ReadonlyArray<readonly string[]>): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => columnsOf(row[column] ?? '')))
  )
}

/** As many of the parts as fit one line, joined by `between`. The first one is cut if it does not fit alone. */
export function fitted(parts: readonly string[], width: number, between = ', '): string {
  let line = parts[0] ?? ''
  for (const part of parts.slice(1)) {
    const longer = line + between + part
    if (columnsOf(longer) > width) {
      break
    }
    line = longer
  }
  return cut(line, width)
}
