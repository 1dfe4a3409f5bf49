import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = mkdtempSync(join(tmpdir(), 'potluck-run-'))
after(() => {
  rmSync(root, { recursive: true })
})

interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** The script of a process that runs a role with these methods. */
function script(role: string, name: string, warning?: string): string {
  const at = (path: string): string => JSON.stringify(import.meta.resolve(`#potluck/${path}`))
  return `
    import { runCommand } from ${at('cli/command.js')}
    import { runRole } from ${at('cli/run.js')}
    import { EventStream } from ${at('events/stream.js')}
    import { PotluckError } from ${at('core/errors.js')}
    const events = new EventStream()
    let open
    const ready = async () => {
      open = setInterval(() => undefined, 1000)
      process.stdout.write('ready\\n')
    }
    const never = () => new Promise(() => undefined)
    const stop = async () => clearInterval(open)
    const role = { events, start: async () => undefined, stop, completed: never, ...(${role}) }
    await runCommand((argv, output) => runRole({
      name: ${JSON.stringify(name)},
      logs: ${JSON.stringify(root)},
      output,
      create: async () => role,
      warning: ${JSON.stringify(warning)},
      afterInterrupt: () => 'Run the same command to go on.',
      show: (event) => { if (event.event === 'error') output.complain('Client 1: ' + event.message) },
      text: (event) => 'text of ' + event.event
    }))
  `
}

/** Runs the script to its end; `interrupts` are signals and when they are sent after the first line of output. */
async function run(
  role: string,
  { name = 'client1', argv = [], interrupts = [], warning }: RunOptions = {}
): Promise<Finished> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', script(role, name, warning), '--', 'script', ...argv],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  )
  let stdout = ''
  let stderr = ''
  child.stdout.once('data', () => {
    for (const [delayMs, signal] of interrupts) {
      setTimeout(() => child.kill(signal), delayMs)
    }
  })
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8')
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}

interface RunOptions {
  name?: string
  argv?: string[]
  interrupts?: Array<[number, NodeJS.Signals]>
  warning?: string
}

const READY = 'start: ready'

test('the exit code is what the run came to', async () => {
  assert.equal((await run('{ completed: async () => ({ complete: true }) }')).code, 0)
  assert.equal((await run('{ completed: async () => ({ complete: false }) }')).code, 4)
})

test('a failure is said once, in its own words, with its own code', async () => {
  const fails = `{
    start: async () => {
      events.emit({ event: 'error', atMs: 1, peer: 'client1', code: 'DISK', message: 'The disk is full.' })
      throw new PotluckError('DISK', 'The disk is full.')
    }
  }`
  const { code, stdout, stderr } = await run(fails)
  assert.equal(code, 6)
  assert.equal(stderr, 'Client 1: The disk is full.\n')
  assert.equal(stdout, '')
})

test('a failure that the role could not tell as an event becomes one, on standard output and in the log', async () => {
  const fails = `{ start: async () => { throw new PotluckError('LISTEN_FAILED', 'The port is taken.') } }`
  const { code, stdout, stderr } = await run(fails, { name: 'untold', argv: ['--json'] })
  assert.equal(code, 2)
  assert.equal(stderr, 'untold: The port is taken.\n')
  const event = {
    event: 'error',
    atMs: 0,
    peer: 'untold',
    code: 'LISTEN_FAILED',
    message: 'The port is taken.'
  }
  const { at, ...told } = JSON.parse(stdout)
  assert.deepEqual(told, event)
  assert.equal(new Date(at).toISOString(), at)
  assert.deepEqual(JSON.parse(readFileSync(join(root, 'untold.jsonl'), 'utf8')), { ...event, at })
  assert.match(readFileSync(join(root, 'untold.log'), 'utf8'), /^ +0\.000 ms {2}error +The port is taken\./)
})

test('a warning at the start is on standard error, an event and in the log', async () => {
  const { code, stdout, stderr } = await run('{ completed: async () => ({ complete: true }) }', {
    name: 'warned',
    argv: ['--json'],
    warning: 'There is no socket.'
  })
  assert.equal(code, 0)
  assert.equal(stderr, 'warned: There is no socket.\n')
  const { event, message } = JSON.parse(stdout)
  assert.deepEqual([event, message], ['warning', 'There is no socket.'])
  assert.match(readFileSync(join(root, 'warned.log'), 'utf8'), /warning +There is no socket\.\n$/)
})

test('fault 37: a failure cannot move the cursor, on standard error, as an event or in the log', async () => {
  const fails = `{ start: async () => { throw new PotluckError('DISK', 'a\\u001b[2Jb\\u2028c\\u202e') } }`
  const { stdout, stderr } = await run(fails, { name: 'hostile', argv: ['--json'] })
  const logs = ['hostile.log', 'hostile.jsonl'].map((name) => readFileSync(join(root, name), 'utf8'))
  for (const text of [stderr, stdout, ...logs]) {
    assert.match(text, /a\\u/)
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  }
})

test('of a long list the screen has the beginning, and the log all of it', async () => {
  const lines = (count: number): string => ['So many:', ...Array(count).keys()].join('\\n')
  const failing = (count: number): string =>
    `{ start: async () => { throw new PotluckError('DISK', '${lines(count)}') } }`
  const long = await run(failing(57), { name: 'long' })
  const shown = long.stderr.trimEnd().split('\n')
  assert.deepEqual(
    [shown.length, shown[20], shown[21]],
    [22, '19', '  and 37 more; the .jsonl log has all of them.']
  )
  assert.equal(JSON.parse(readFileSync(join(root, 'long.jsonl'), 'utf8')).message.split('\n').length, 58)
  const short = await run(failing(21), { name: 'short' })
  assert.equal(short.stderr.trimEnd().split('\n').length, 22, 'one more is shown rather than counted')
})

test('a defect is called one, without its stack', async () => {
  const { code, stderr } = await run('{ start: async () => { throw new TypeError("oops") } }')
  assert.equal(code, 1)
  assert.match(stderr, /^Unexpected error: oops\. This is a bug in Potluck: .*\n$/)
})

test('an error that nobody caught is said like any other', async () => {
  const { code, stderr } = await run(
    '{ start: async () => { setTimeout(() => { throw new Error("late") }) } }'
  )
  assert.equal(code, 1)
  assert.match(stderr, /^Unexpected error: late\..*\n$/)
})

test('Ctrl-C closes the connection, says so and ends with 130', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { code, stdout, stderr } = await run(`{ ${READY} }`, { interrupts: [[0, signal]] })
    assert.deepEqual(
      [code, stdout, stderr],
      [130, 'ready\nClient 1: Connection closed\nRun the same command to go on.\n', '']
    )
  }
})

test('what was told before Ctrl-C is in the log', async () => {
  const told = `{
    start: async () => {
      events.emit({ event: 'started', atMs: 1, peer: 'told' })
      await ready()
    }
  }`
  await run(told, { name: 'told', interrupts: [[0, 'SIGINT']] })
  assert.match(readFileSync(join(root, 'told.log'), 'utf8'), /text of started\n$/)
})

test('a stop that hangs is left behind', async () => {
  const { code } = await run(`{ ${READY}, stop: never }`, { interrupts: [[0, 'SIGINT']] })
  assert.equal(code, 130)
})

test('a reader that has gone does not end the run', async () => {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      script(
        `{
          start: async () => {
            for (let atMs = 0; atMs < 50; atMs++) {
              events.emit({ event: 'tick', atMs, peer: 'piped' })
              await new Promise((resolve) => setTimeout(resolve, 5))
            }
          },
          completed: async () => ({ complete: true })
        }`,
        'piped'
      ),
      '--',
      'script',
      '--json'
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  )
  child.stdout.once('data', () => child.stdout.destroy())
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  assert.equal(code, 0)
  assert.equal(readFileSync(join(root, 'piped.jsonl'), 'utf8').trimEnd().split('\n').length, 50)
})

test('fault 46: without a terminal, the hang-up of one ends nothing', { skip: isWindows() }, async () => {
  const { code } = await run(`{ ${READY} }`, {
    interrupts: [
      [0, 'SIGHUP'],
      [100, 'SIGINT']
    ]
  })
  assert.equal(code, 130)
})

function isWindows(): string | false {
  return process.platform === 'win32' ? 'Windows has no such signal' : false
}

test('fault 46: a program that started it and reads late gets all events', async () => {
  const count = 2000
  const tells = `{
    start: async () => {
      for (let atMs = 0; atMs < ${count}; atMs++) {
        events.emit({ event: 'tick', atMs, peer: 'late', text: 'x'.repeat(500) })
      }
      process.send('told')
    },
    completed: async () => ({ complete: true })
  }`
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', script(tells, 'late'), '--', 'script', '--json'],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }
  )
  await new Promise((resolve) => child.once('message', resolve))
  // Longer than an ending process waits for a stuck reader that is not its parent.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  assert.equal(code, 0)
  const times = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line).atMs)
  assert.deepEqual(
    times,
    Array.from({ length: count }, (_, atMs) => atMs)
  )
})
