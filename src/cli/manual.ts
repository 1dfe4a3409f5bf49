/** The sections after the options in a command's help: examples, files, the environment, exit codes. */
import { Help } from 'commander'
import { EXIT_CODES } from '../core/errors.ts'

/** An entry of a section: a term and its explanation. */
export type ManualEntry = readonly [term: string, text: string]

export interface Manual {
  /** Sentences below the usage. */
  description: string
  /** A purpose, and the command for it. */
  examples: readonly ManualEntry[]
  files?: readonly ManualEntry[]
  environment?: readonly ManualEntry[]
  /** Settings that only a configuration file has. */
  settings?: readonly ManualEntry[]
  exitCodes: readonly ManualEntry[]
}

/** Terms are at most this wide; a longer one has its text below it. */
const MAX_TERM_WIDTH = 26

const INDENT = '  '

/** The roles' exit codes in words; each role uses some of them. */
export const ROLE_EXIT_CODES: readonly ManualEntry[] = [
  [String(EXIT_CODES.ok), 'all peers have everything'],
  [String(EXIT_CODES.usage), 'an argument, a configuration or a folder cannot be used, or a port is in use'],
  [
    String(EXIT_CODES.coordinator),
    'the coordinator cannot be reached or refused this peer, or was lost before the catalog was known'
  ],
  [String(EXIT_CODES.incomplete), 'incomplete: no remaining peer has what is missing'],
  [String(EXIT_CODES.integrity), 'a file differs from what its owner published'],
  [String(EXIT_CODES.disk), 'the disk is full or fails'],
  [String(EXIT_CODES.interrupted), 'interrupted, by Ctrl-C or a signal']
]

/** The sections. No line is wider than the given columns, except an example. */
export function manualText(manual: Manual, width: number): string {
  const help = new Help()
  help.helpWidth = width
  const indented = (text: string): string =>
    help.boxWrap(text, width - INDENT.length).replaceAll(/^/gm, INDENT)
  const sections: [string, string[]][] = [
    ['Examples', manual.examples.flatMap(([command, text]) => [indented(`${text}:`), `    ${command}`])],
    ...listsOf(manual).map(([title, entries]): [string, string[]] => [title, listed(entries, help)])
  ]
  return sections.map(([title, lines]) => `\n${title}:\n${lines.join('\n')}`).join('\n')
}

/** The sections after the examples that exist. */
export function listsOf({
  settings,
  files,
  environment,
  exitCodes
}: Manual): [string, readonly ManualEntry[]][] {
  const sections: [string, readonly ManualEntry[]][] = [
    ['Only in a configuration file', settings ?? []],
    ['Files', files ?? []],
    ['Environment', environment ?? []],
    ['Exit codes', exitCodes]
  ]
  return sections.filter(([, entries]) => entries.length > 0)
}

function listed(entries: readonly ManualEntry[], help: Help): string[] {
  const lengths = entries.map(([term]) => term.length).filter((length) => length <= MAX_TERM_WIDTH)
  const width = Math.max(0, ...lengths)
  return entries.flatMap(([term, text]) =>
    term.length <= width
      ? help.formatItem(term, width, text, help)
      : [INDENT + term, help.formatItem('', width, text, help)]
  )
}
