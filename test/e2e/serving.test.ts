/** Where the commands serve their dashboard and metrics, and what they say when they cannot. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { type Command, Workshop } from '../fixtures/processes.js'
import { ask } from '../fixtures/web.js'

const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '--peers', '1', '--logs', 'logs', '--json']

async function portOf(command: Command): Promise<number> {
  const { url } = await command.told('serving')
  return Number(new URL(String(url)).port)
}

describe('served by commands', () => {
  it('is a dashboard, beside that of another coordinator on another port', async () => {
    await Workshop.run(async (workshop) => {
      const coordinators = [0, 1].map(() => workshop.start('coordinator.js', ...LISTEN))
      const ports = await Promise.all(coordinators.map(portOf))
      assert.equal(new Set(ports).size, 2)
      for (const port of ports) {
        assert.equal((await ask({ port, path: '/healthz' })).status, 200)
        assert.match(String((await ask({ port })).headers['content-type']), /^text\/html/)
      }
      for (const [index, command] of coordinators.entries()) {
        const [serving] = command.eventsOf('serving')
        const insteadOf = ports[index] === 9080 ? undefined : '127.0.0.1:9080'
        assert.equal(serving?.['insteadOf'], insteadOf)
        const said = insteadOf === undefined ? '' : ' \\(127\\.0\\.0\\.1:9080 is in use\\)'
        assert.match(
          command.stderr,
          new RegExp(`Dashboard: http://127\\.0\\.0\\.1:${ports[index]}/${said}\\n`)
        )
      }
    })
  })

  it('is nothing where it is off, by flag or by configuration', async () => {
    await Workshop.run(async (workshop) => {
      const listen = ['/ip4/127.0.0.1/tcp/0']
      await workshop.write('off.json', JSON.stringify({ listen, dashboard: 'off', logs: 'logs' }))
      const commands = [
        workshop.start('coordinator.js', ...LISTEN, '--dashboard', 'off'),
        workshop.start('coordinator.js', '--config', 'off.json', '--json')
      ]
      for (const command of commands) {
        await command.told('started')
        command.child.kill('SIGINT')
        await command.end()
        assert.deepEqual(command.eventsOf('serving'), [])
      }
    })
  })

  it('is what a peer is told to show', async () => {
    await Workshop.run(async (workshop) => {
      const { address } = await workshop.coordinator(2)
      const ann = workshop.peer('ann', address, '--metrics', '127.0.0.1:0')
      const port = await portOf(ann)
      assert.match(
        (await ask({ port, path: '/metrics' })).body,
        /^potluck_build_info\{.*role="peer",name="ann"\} 1$/m
      )
      assert.match(ann.stderr, new RegExp(`ann: Metrics: http://127\\.0\\.0\\.1:${port}/metrics\\n`))
      const ben = workshop.peer('ben', address)
      assert.deepEqual(
        (await Promise.all([ann.end(), ben.end()])).map(({ code }) => code),
        [0, 0]
      )
      assert.deepEqual(ben.eventsOf('serving'), [])
    })
  })

  it('is refused in a sentence, with exit code 2, where the address is in use or is none', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const bound = taken.address()
    assert.ok(bound !== null && typeof bound === 'object')
    const address = `127.0.0.1:${bound.port}`
    await Workshop.run(async (workshop) => {
      const inUse =
        /cannot serve HTTP on 127\.0\.0\.1:\d+ \(.*address already in use.*\); end what uses the port/
      const cases: [Command, RegExp][] = [
        [workshop.start('coordinator.js', ...LISTEN, '--dashboard', address), inUse],
        [workshop.peer('ann', '/ip4/127.0.0.1/tcp/1', '--metrics', address), inUse],
        [
          workshop.start('coordinator.js', ...LISTEN, '--dashboard', '9080'),
          /--dashboard cannot be "9080".*: it has to be "off", "auto", or HOST:PORT such as "127\.0\.0\.1:9080"/
        ],
        [
          workshop.peer('ann', '/ip4/127.0.0.1/tcp/1', '--metrics', 'off'),
          /--metrics cannot be "off".*: it has to be HOST:PORT such as "127\.0\.0\.1:9464"/
        ],
        [workshop.start('swarm.js', '--dashboard', 'here'), /--dashboard cannot be "here"/]
      ]
      for (const [command, pattern] of cases) {
        assert.equal((await command.end()).code, 2, command.output)
        assert.match(command.stderr, pattern)
      }
    })
    taken.close()
  })
})
