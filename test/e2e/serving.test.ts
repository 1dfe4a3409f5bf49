/** Where the commands serve their dashboard and metrics, by the commands; where they cannot: integration/commands.test.ts. */
import assert from 'node:assert/strict'
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
})
