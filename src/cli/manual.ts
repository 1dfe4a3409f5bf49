/** What follows the options in a command's help: examples, files, the environment, exit codes. */
import { EXIT_CODES } from '../core/errors.ts'

/** An entry of a section: what is told of, and what is told of it. */
export type ManualEntry = readonly [term: string, text: string]

export interface Manual {
  /** Sentences below the usage. */
  description: string
  /** What it is good for, and the command that does it. */
  examples: readonly ManualEntry[]
  files?: readonly ManualEntry[]
  environment?: readonly ManualEntry[]
  /** Settings that only a configuration file has. */
  settings?: readonly ManualEntry[]
  exitCodes: readonly ManualEntry[]
}

/** Terms are as wide as this at the most; what is longer has its text below it. */
const MAX_TERM_WIDTH = 26

const INDENT = 2

/** How the roles end, in words; each ends with some of them. */
export const ROLE_EXIT_CODES: readonly ManualEntry[] = [
  [String(EXIT_CODES.ok), 'all peers have everything'],
  [String(EXIT_CODES.usage), 'an argument, a configuration or a folder cannot be used, or a port is taken'],
  [
    String(EXIT_CODES.coordinator),
    'the coordinator cannot be reached or refused this peer, or was lost before the catalog was known'
  ],
  [String(EXIT_CODES.incomplete), 'incomplete: nobody who is left has what is missing'],
  [String(EXIT_CODES.integrity), 'bytes are not what their owner published'],
  [String(EXIT_CODES.disk), 'the disk is full or fails'],
  [String(EXIT_CODES.interrupted), 'interrupted, by Ctrl-C or a signal']
]

/** The sections, each line no wider than so many columns, but for an example that is. */
export function manualText(
  { examples, settings, files, environment, exitCodes }: Manual,
  width: number
): string {
  const sections: [string, string[]][] = [
    [
      'Examples',
      examples.flatMap(([command, text]) => [...wrapped(`${text}:`, INDENT, width), `    ${command}`])
    ],
    ['Only in a configuration file', listed(settings ?? [], width)],
    ['Files', listed(files ?? [], width)],
    ['Environment', listed(environment ?? [], width)],
    ['Exit codes', listed(exitCodes, width)]
  ]
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `\n${title}:\n${lines.join('\n')}`)
    .join('\n')
}

function listed(entries: readonly ManualEntry[], width: number): string[] {
  const longest = Math.max(
    0,
    ...entries.map(([term]) => term.length).filter((length) => length <= MAX_TERM_WIDTH)
  )
  const column = INDENT + longest + 2
  return entries.flatMap(([term, text]) => {
    const lines = wrapped(text, column, width)
    const start = `${' '.repeat(INDENT)}${term}`
    return term.length <= longest
      ? [start.padEnd(column) + (lines[0] ?? '').trimStart(), ...lines.slice(1)]
      : [start, ...lines]
  })
}

function wrapped(text: string, indent: number, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each)
}
