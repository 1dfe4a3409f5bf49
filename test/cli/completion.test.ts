/** The completion scripts, run by the shells that they are for; a shell that is not installed is skipped. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Command, Option } from 'commander'
import { COMPLETIONS } from '#potluck/cli/completion.js'
import { programs } from '#potluck/programs.js'

const folder = mkdtempSync(join(tmpdir(), 'potluck-completion-'))
/** Shells write into it. */
const home = mkdtempSync(join(tmpdir(), 'potluck-completion-home-'))
after(() => {
  for (const path of [folder, home]) {
    rmSync(path, { recursive: true })
  }
})
mkdirSync(join(folder, 'Music'))
writeFileSync(join(folder, 'song.mp3'), '')
writeFileSync(join(folder, 'my song.mp3'), '')

/** Typed text, and every completion of its last word. */
const TYPED: readonly (readonly [words: string[], expected: string[]])[] = [
  [['j'], ['join']],
  [
    ['help', 'co'],
    ['coordinator', 'completion']
  ],
  [['sta'], ['start', 'start-now']],
  [['start-now', '--pe'], ['--peers']],
  [['start-now', ''], []],
  [['host', '--pe'], ['--peers']],
  [['host', '--into', 'M'], ['Music']],
  [['host', '--into', 's'], []],
  [['host', '--share', 's'], ['song.mp3']],
  [['join', 'potluck1abc', 'my'], ['my song.mp3']],
  [['host', '--peers', ''], []],
  [['coordinator', 're'], ['report']],
  [['coordinator', 'report', 's'], ['song.mp3']],
  [['coordinator', 'report', '--o'], ['--out']],
  [['completion', 'z'], ['zsh']],
  [['nonsense', 'h'], []]
]

function isMissing(shell: string): string | false {
  return spawnSync(shell, ['-c', 'true']).error === undefined ? false : `${shell} is not installed`
}

function scriptOf(shell: string, commands = programs()): string {
  const path = join(folder, `potluck.${shell}`)
  writeFileSync(path, COMPLETIONS.get(shell)?.(commands) ?? '')
  return path
}

function quoted(text: string): string {
  return `'${text}'`
}

/** @returns bash's completions of the last word */
function bashCompletes(words: readonly string[], script: string): string[] {
  const line = ['potluck', ...words].map(quoted).join(' ')
  const code = `source ${quoted(script)}; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _potluck; [ \${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`
  return linesOf(execFileSync('bash', ['--norc', '-c', code], { cwd: folder, encoding: 'utf8' }))
}

function fishCompletes(words: readonly string[], script: string): string[] {
  const code = `source ${quoted(script)}; complete -C ${quoted(['potluck', ...words].join(' '))}`
  const output = execFileSync('fish', ['--no-config', '-c', code], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, HOME: home }
  })
  return linesOf(output).map((line) => line.replace(/\t.*/, '').replace(/\/$/, ''))
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

/** All options that a command has, by their long names. */
function flagsOf(command: string): string[] {
  const own =
    programs()
      .get(command)
      ?.options.map(({ long }) => long ?? '') ?? []
  return [...own, '--help'].sort()
}

describe('completion', () => {
  it('of bash completes commands, options, files and folders', { skip: isMissing('bash') }, () => {
    const script = scriptOf('bash')
    for (const [words, expected] of TYPED) {
      assert.deepEqual(bashCompletes(words, script).sort(), [...expected].sort(), words.join(' '))
    }
    for (const command of programs().keys()) {
      assert.deepEqual(bashCompletes([command, '--'], script).sort(), flagsOf(command))
    }
    // As bash divides "--into=M".
    assert.deepEqual(bashCompletes(['host', '--into', '=', 'M'], script), ['Music'])
    assert.deepEqual(bashCompletes(['host', '--into', '='], script), ['Music'])
  })

  it('of fish completes the same', { skip: isMissing('fish') }, () => {
    const script = scriptOf('fish')
    for (const [words, expected] of TYPED) {
      assert.deepEqual(fishCompletes(words, script).sort(), [...expected].sort(), words.join(' '))
    }
    for (const command of programs().keys()) {
      assert.deepEqual(fishCompletes([command, '--'], script).sort(), flagsOf(command))
    }
  })

  it('of zsh completes at its prompt', { skip: isMissing('zsh') }, () => {
    const script = scriptOf('zsh')
    // Completion works in a terminal only: zsh makes one, clears the line, types, and waits for what is completed.
    const lines = [
      ['potluck ho', 'potluck host'],
      ['potluck host --pe', '--peers'],
      ['potluck host --into M', 'Music/'],
      ['potluck coordinator report --o', '--out'],
      ['potluck join potluck1abc so', 'song.mp3']
    ]
    const code = `
zmodload zsh/zpty
zpty -b shell "zsh -f -i"
await() {
  local seen='' part
  local -i tries
  for ((tries = 0; tries < 1000; tries++)); do
    if zpty -r -t shell part; then
      seen+=$part
      [[ $seen == *$1* ]] && return
    else
      sleep 0.02
    fi
  done
  print -r -- "no $1 in \${(qqqq)seen}"
  exit 1
}
zpty -w -n shell $'PS1=; autoload -Uz compinit; compinit -u -D; source ${script}; print begun-$((1+1))\\n'
await begun-2
${lines.map(([typed, expected]) => `zpty -w -n shell $'\\025${typed}\\t'\nawait ${quoted(expected ?? '')}`).join('\n')}
zpty -d shell
print completed
`
    const output = execFileSync('zsh', ['-f', '-c', code], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, HOME: home, TERM: 'dumb' }
    })
    assert.equal(output, 'completed\n')
  })

  it('knows of a new option and a new command by itself, and quotes what they say', () => {
    const odd = new Command('odd')
      .description("what isn't [plain]: $HOME `x`; and more")
      .option('--new <folder>', "a folder; isn't it")
      .addOption(new Option('--choice <one>', 'one of [two]').choices(['left', 'right']))
    const commands = new Map([['odd', odd]])
    if (isMissing('bash') === false) {
      const script = scriptOf('bash', commands)
      assert.deepEqual(bashCompletes(['odd', '--n'], script), ['--new'])
      assert.deepEqual(bashCompletes(['odd', '--new', ''], script), ['Music'])
      assert.deepEqual(bashCompletes(['odd', '--choice', ''], script), ['left', 'right'])
    }
    if (isMissing('fish') === false) {
      const script = scriptOf('fish', commands)
      assert.deepEqual(fishCompletes(['odd', '--choice', ''], script).sort(), ['left', 'right'])
    }
    if (isMissing('zsh') === false) {
      execFileSync('zsh', ['-f', '-n', scriptOf('zsh', commands)])
    }
    for (const [shell, make] of COMPLETIONS) {
      assert.match(make(commands), /\bodd\b.*/, shell)
    }
  })
})
