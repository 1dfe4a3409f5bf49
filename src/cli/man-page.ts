/** Manual pages for `man`, generated from the same definitions as `--help`. */
import type { Command, Option } from 'commander'
import { listsOf, type Manual, type ManualEntry } from './manual.ts'

export interface ManPageInit {
  /** The page's name, such as `potluck-host`. */
  name: string
  /** A description of one line. */
  summary: string
  program: Command
  manual: Manual
  version: string
  /** Names of other pages. */
  seeAlso: readonly string[]
}

/** The page in roff, with the macros of man(7). */
export function manPage({ name, summary, program, manual, version, seeAlso }: ManPageInit): string {
  const sections: [string, string[]][] = [
    ['Name', [`${escaped(name)} \\- ${escaped(summary)}`]],
    ['Synopsis', synopsis(program)],
    ['Description', paragraphs(manual.description)],
    ['Options', optionLines(program)],
    ['Commands', program.commands.flatMap(commandLines)],
    ['Examples', manual.examples.flatMap(([command, text]) => example(command, text))],
    ...listsOf(manual).map(([title, entries]): [string, string[]] => [title, entries.flatMap(entryLines)]),
    ['See also', [seeAlso.map((page) => `\\fB${escaped(page)}\\fR(1)`).join(',\n')]]
  ]
  const title = `.TH "${escaped(name.toUpperCase())}" "1" "" "Potluck ${escaped(version)}" "Potluck"`
  const texts = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => [`.SH "${escaped(heading.toUpperCase())}"`, ...lines].join('\n'))
  return `${[title, ...texts].join('\n')}\n`
}

function synopsis(program: Command): string[] {
  return [`\\fB${escaped(program.name())}\\fR ${escaped(program.usage())}`]
}

/** By the groups of the help; the options of all commands come last. */
function optionLines(program: Command): string[] {
  const [common, ...others] = new Set(program.options.map(groupOf))
  return [
    ...[...others, common ?? 'Options:'].flatMap((group) => [
      ...(others.length === 0 ? [] : [`.SS "${escaped(group.replace(/:$/, ''))}"`]),
      ...program.options.filter((option) => groupOf(option) === group).flatMap(optionEntry)
    ]),
    ...entryLines(['-h, --help', 'show this help'])
  ]
}

function optionEntry({ flags, description, defaultValue }: Option): string[] {
  const text = defaultValue === undefined ? description : `${description} (default: ${defaultValue})`
  return entryLines([flags, text])
}

function groupOf({ helpGroupHeading }: Option): string {
  return helpGroupHeading ?? 'Options:'
}

function commandLines(command: Command): string[] {
  return [
    ...entryLines([`${command.name()} ${command.usage()}`.trim(), command.description()]),
    ...command.options.flatMap(({ flags, description }) => [
      '.RS',
      ...entryLines([flags, description]),
      '.RE'
    ])
  ]
}

function example(command: string, text: string): string[] {
  return ['.PP', line(`${text}:`), '.PP', '.RS 4', '.nf', line(command), '.fi', '.RE']
}

function entryLines([term, text]: ManualEntry): string[] {
  return ['.TP', `\\fB${escaped(term)}\\fR`, line(text)]
}

function paragraphs(text: string): string[] {
  return text.split('\n\n').flatMap((paragraph) => ['.PP', line(paragraph)])
}

/** A line that begins with one of these would be a macro. */
function line(text: string): string {
  return escaped(text).replace(/^([.'])/, '\\&$1')
}

/** The hyphen of a flag must stay one, or it cannot be copied. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq')
}
