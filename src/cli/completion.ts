/**
 * Scripts that let shells complete `potluck`, generated from the same definitions as its help: new commands and options
 * are included automatically. The scripts do not run Potluck when a key is pressed.
 */
import type { Argument, Command, Option } from 'commander'
import { collect } from './command.ts'

/** The kind of a value: any word, a file, a folder, or one of a list of words. */
type Values = 'word' | 'file' | 'folder' | readonly string[]

interface CompletedOption {
  /** `--peers`, `-h`. */
  names: string[]
  text: string
  /** Undefined if it takes none. */
  values: Values | undefined
  repeatable: boolean
}

interface CompletedCommand {
  /** `host`, or `coordinator report`. */
  path: string
  text: string
  options: CompletedOption[]
  /** The value of arguments without an option. */
  values: Values
  /** Its subcommands. */
  commands: string[]
}

type Commands = ReadonlyMap<string, Command>

/** By the name of the shell. */
export const COMPLETIONS: ReadonlyMap<string, (commands: Commands) => string> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish]
])

/** Options that all commands have and no program defines. */
const HELP: CompletedOption = {
  names: ['--help', '-h'],
  text: 'show this help',
  values: undefined,
  repeatable: false
}

function completed(commands: Commands): CompletedCommand[] {
  return [...commands].flatMap(([name, program]) => [
    completedCommand(name, program),
    ...program.commands.map((command) => completedCommand(`${name} ${command.name()}`, command))
  ])
}

function completedCommand(path: string, program: Command): CompletedCommand {
  return {
    path,
    text: firstSentence(program.summary() || program.description()),
    options: [...program.options.map(completedOption), HELP],
    values: program.registeredArguments.map(valuesOf).findLast((values) => values !== 'word') ?? 'word',
    commands: program.commands.map((command) => command.name())
  }
}

function completedOption(option: Option): CompletedOption {
  const { long, short, description } = option
  return {
    names: [long, short].filter((name) => name !== undefined && name !== null),
    text: firstSentence(description),
    values: option.required || option.optional ? valuesOf(option) : undefined,
    repeatable: option.parseArg === collect
  }
}

/** By the placeholder of the value in the help. */
function valuesOf(taken: Option | Argument): Values {
  const name = 'flags' in taken ? taken.flags : taken.name()
  if (taken.argChoices !== undefined) {
    return taken.argChoices
  }
  return /\bfolder\b|\bdir\b/.test(name) ? 'folder' : /\b(?:file|paths?|logs)\b/.test(name) ? 'file' : 'word'
}

/** Menus have room for one line. */
function firstSentence(text: string): string {
  return text.split(/; |\. |\n/)[0]?.replace(/\.$/, '') ?? ''
}

function namesOf(commands: readonly CompletedCommand[]): string[] {
  return commands.map(({ path }) => path).filter((path) => !path.includes(' '))
}

function heading(shell: string, more: string): string {
  return `# ${more}\n# Made by "potluck completion ${shell}".`
}

/** Words that need no quotes in any shell. */
function words(values: readonly string[]): string {
  return values.join(' ')
}

function bash(commands: Commands): string {
  const all = completed(commands)
  const cases = all.map((command) => {
    const { path, options, values, commands: own } = command
    const named = (wanted: (values: Values) => boolean): string =>
      words(options.flatMap(({ names, values }) => (values !== undefined && wanted(values) ? names : [])))
    const choices = options.flatMap(({ names, values }) =>
      typeof values === 'object' ? names.map((name) => `        ${name}) choices='${words(values)}' ;;`) : []
    )
    return [
      `    '${path}')`,
      `      options='${words(options.flatMap(({ names }) => names.filter((name) => name.startsWith('--'))))}'`,
      `      files='${named((values) => values === 'file')}'`,
      `      folders='${named((values) => values === 'folder')}'`,
      `      others='${named((values) => values === 'word')}'`,
      ...(choices.length === 0 ? [] : ['      case $previous in', ...choices, '      esac']),
      `      arguments='${typeof values === 'string' ? values : `word ${words(values)}`} ${words(own)}'`,
      '      ;;'
    ].join('\n')
  })
  const nested = all.filter(({ path }) => path.includes(' '))
  const nesting = nested.map(({ path }) => {
    const [outer, inner] = path.split(' ')
    return `  [[ $command == ${outer} && $COMP_CWORD -gt 2 && \${COMP_WORDS[2]} == ${inner} ]] && command='${path}'`
  })
  return `${heading('bash', 'bash completion of potluck')}
_potluck() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  local options='' files='' folders='' others='' choices='' arguments='' IFS=$' \\t\\n'
  COMPREPLY=()
  # bash takes "--into=got" for three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = && $COMP_CWORD -gt 2 ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${words(namesOf(all))} help --help --version' -- "$current"))
    return
  fi
  if [[ $command == help ]]; then
    COMPREPLY=($(compgen -W '${words(namesOf(all))}' -- "$current"))
    return
  fi
${nesting.join('\n')}
  case $command in
${cases.join('\n')}
    *) return ;;
  esac
  local kind=\${arguments%% *} more=\${arguments#* }
  case " $files " in *" $previous "*) kind=file more='' options='' ;; esac
  case " $folders " in *" $previous "*) kind=folder more='' options='' ;; esac
  case " $others " in *" $previous "*) return ;; esac
  if [[ -n $choices ]]; then
    kind=word more=$choices options=''
  fi
  if [[ $current == -* && -n $options ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  COMPREPLY=($(compgen -W "$more" -- "$current"))
  IFS=$'\\n'
  case $kind in
    file) COMPREPLY+=($(compgen -f -- "$current")) ;;
    folder) COMPREPLY+=($(compgen -d -- "$current")) ;;
    *) return ;;
  esac
  # Folders get a slash, and names with spaces a backslash.
  compopt -o filenames 2>/dev/null
}
complete -F _potluck potluck`
}

function zsh(commands: Commands): string {
  const all = completed(commands)
  const described = (name: string, text: string): string => quoted(`${name.replaceAll(':', '\\:')}:${text}`)
  const action = (values: Values): string =>
    values === 'file'
      ? '_files'
      : values === 'folder'
        ? '_files -/'
        : values === 'word'
          ? ' '
          : `(${words(values)})`
  const specs = ({ options, values, commands: own }: CompletedCommand): string[] => [
    ...options.flatMap(({ names, text, values, repeatable }) =>
      names.map((name) => {
        const star = repeatable ? '*' : ''
        const value = values === undefined ? '' : `:value:${action(values)}`
        return quoted(`${star}${name}[${text.replace(/[\\[\]]/g, '\\$&')}]${value}`)
      })
    ),
    ...(own.length > 0 ? [quoted(`1:command:(${words(own)})`)] : []),
    quoted(`*:argument:${action(values)}`)
  ]
  const functionOf = (path: string): string => `_potluck_${path.replace(' ', '_')}`
  const functions = all.map((command) => {
    const nested = command.commands.map(
      (name) =>
        `  if [[ $CURRENT -gt 2 && $words[2] == ${name} ]]; then\n    shift words\n    (( CURRENT-- ))\n    ${functionOf(`${command.path} ${name}`)}\n    return\n  fi`
    )
    const calls = `  _arguments -s \\\n${specs(command)
      .map((spec) => `    ${spec}`)
      .join(' \\\n')}`
    return `${functionOf(command.path)}() {\n${[...nested, calls].join('\n')}\n}`
  })
  const names = namesOf(all)
  const menu = all
    .filter(({ path }) => names.includes(path))
    .map(({ path, text }) => `    ${described(path, text)}`)
    .join('\n')
  return `#compdef potluck
${heading('zsh', 'zsh completion of potluck')}
${functions.join('\n')}
_potluck() {
  local -a commands
  commands=(
${menu}
    'help:show the help of a command'
  )
  if [[ $CURRENT -eq 2 ]]; then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
    help) _describe command commands ;;
${names.map((name) => `    ${name}) ${functionOf(name)} ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _potluck ]]; then
  _potluck "$@"
else
  compdef _potluck potluck
fi`
}

function fish(commands: Commands): string {
  const all = completed(commands)
  const lines = all.flatMap(({ path, text, options, values, commands: own }) => {
    const [name = '', inner] = path.split(' ')
    const isNested = inner !== undefined
    const when = `-n ${quoted(`__potluck_is ${path}`)}`
    const listed = isNested
      ? `complete -c potluck -n ${quoted(`__potluck_begins ${name}`)} -a ${inner} -d ${quoted(text)}`
      : `complete -c potluck -n __potluck_is_first -a ${name} -d ${quoted(text)}`
    const value = (values: Values | undefined): string =>
      values === undefined
        ? ''
        : values === 'file'
          ? ' -r -F'
          : values === 'folder'
            ? " -x -a '(__fish_complete_directories)'"
            : values === 'word'
              ? ' -x'
              : ` -x -a ${quoted(words(values))}`
    return [
      listed,
      ...options.map(({ names, text, values }) => {
        const flags = names.map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`
        )
        return `complete -c potluck ${when} ${flags.join(' ')}${value(values)} -d ${quoted(text)}`
      }),
      ...(values === 'file' ? [`complete -c potluck ${when} -F`] : []),
      ...(typeof values === 'object' ? [`complete -c potluck ${when} -a ${quoted(words(values))}`] : []),
      ...(own.length > 0 ? [`# ${path}: ${words(own)}`] : [])
    ]
  })
  const nested = all.flatMap(({ path }) => (path.includes(' ') ? [path] : []))
  return `${heading('fish', 'fish completion of potluck')}
complete -c potluck -f
function __potluck_is_first
  test (count (commandline -opc)) -eq 1
end
function __potluck_begins
  set -l typed (commandline -opc)
  test (count $typed) -eq 2; and test "$typed[2]" = $argv[1]
end
# Which command is typed: of one that is part of another, both words.
function __potluck_is
  set -l typed (commandline -opc)
  test (count $typed) -ge 2; or return 1
  set -l command $typed[2]
  if test (count $typed) -ge 3; and contains -- "$typed[2] $typed[3]" ${nested.map(quoted).join(' ')}
    set command "$typed[2] $typed[3]"
  end
  test "$command" = "$argv"
end
complete -c potluck -n __potluck_is_first -a help -d 'show the help of a command'
complete -c potluck -n '__potluck_begins help' -a ${quoted(words(namesOf(all)))}
${lines.join('\n')}`
}

/** For all three shells; in quotes, fish reads a backslash before a quote, and the others do not. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`
}
