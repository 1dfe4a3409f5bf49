/** The question of the peer's command before it fetches much, and its dry run. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { differences, readTree, TestSwarm } from '../fixtures/swarm.js'
import { Terminal, whyNoTerminal } from '../fixtures/terminal.js'

const CTRL_C = '\u0003'

const ANN = { 'a.bin': bytesOf(600_000, 'a') }

const QUESTION = 'Type y and Enter to fetch it, n and Enter to leave.'

/** Ben's command on a terminal, beside ann in this process. */
async function onTerminal(
  args: readonly string[],
  use: (swarm: TestSwarm, terminal: Terminal) => Promise<void>
): Promise<void> {
  await TestSwarm.run(async (swarm) => {
    const { address } = await swarm.coordinatorOfCommands(2)
    const ann = await swarm.peer('ann', ANN)
    await ann.peer.start()
    const own = ['--name', 'ben', '--coordinator', address, '--into', 'got', ...args]
    const call = { folder: swarm.folder, name: 'ben', script: 'peer.js', args: own }
    await Terminal.run(call, async (terminal) => await use(swarm, terminal))
  })
}

const CASES: [typed: string, code: number, isFetched: boolean][] = [
  ['what?\ry\r', 0, true],
  ['n\r', 130, false],
  [CTRL_C, 130, false]
]

describe('a peer on a terminal', { skip: whyNoTerminal() }, () => {
  for (const [typed, code, isFetched] of CASES) {
    it(`asks before it fetches more than --ask-above, and ends with ${code} after ${JSON.stringify(typed)}`, async () => {
      await onTerminal(['--ask-above', '500kB'], async (swarm, terminal) => {
        await terminal.printed(`Fetch 585.9 KiB? ${QUESTION}`)
        terminal.type(typed)
        assert.equal(await terminal.code(), code, terminal.text.slice(-3000))
        const expected = isFetched ? { 'ann/a.bin': ANN['a.bin'] } : {}
        assert.deepEqual(differences(await readTree(join(swarm.folder, 'got')), expected), [])
      })
    })
  }

  it('does not ask with --yes', async () => {
    await onTerminal(['--ask-above', '0', '--yes'], async (_swarm, terminal) => {
      assert.equal(await terminal.code(), 0, terminal.text.slice(-3000))
      assert.ok(!terminal.text.includes(QUESTION))
    })
  })

  it('shows by --dry-run what it would fetch, and leaves nothing behind', async () => {
    await onTerminal(['--dry-run'], async (swarm, terminal) => {
      assert.equal(await terminal.code(), 0, terminal.text.slice(-3000))
      assert.match(terminal.text, /ann +1 of 1 file +585\.9 KiB +0 bytes +585\.9 KiB +0/)
      assert.match(terminal.text, /1 of 2 people is here/)
      const left = await readdir(swarm.folder)
      assert.ok(!left.includes('got') && !left.includes('logs'), left.join())
      assert.ok(!swarm.coordinatorEvents.some(({ event, peer }) => event === 'registered' && peer === 'ben'))
    })
  })
})
