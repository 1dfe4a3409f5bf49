/** A coordinator that is told to start with the people who are here: at its terminal, by a signal, by another process. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Command, Workshop } from '../fixtures/processes.js'
import { Terminal, whyNoTerminal } from '../fixtures/terminal.js'

const CTRL_C = '\u0003'

async function onTerminal(use: (workshop: Workshop, terminal: Terminal) => Promise<void>): Promise<void> {
  await Workshop.run(async (workshop) => {
    const args = ['--peers', '3', '--listen', '/ip4/127.0.0.1/tcp/0', '--dashboard', 'off', '--logs', 'logs']
    const call = { folder: workshop.folder, name: 'coordinator', script: 'coordinator.js', args }
    await Terminal.run(call, async (terminal) => await use(workshop, terminal))
  })
}

/** Two peers that have come to where it listens. */
async function bothThere(workshop: Workshop, terminal: Terminal): Promise<Command[]> {
  await terminal.printed('Enter: start with those here.')
  const address = /\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*/.exec(terminal.text)?.[0] ?? ''
  await workshop.write('a.bin', 'ann brings this')
  const peers = [workshop.peer('ann', address, '--share', 'a.bin'), workshop.peer('ben', address)]
  await terminal.printed('Waiting for people: 2 of 3')
  return peers
}

async function allEnd(workshop: Workshop, terminal: Terminal, peers: readonly Command[]): Promise<void> {
  for (const peer of peers) {
    assert.equal((await peer.end()).code, 0, peer.output.slice(-2000))
  }
  assert.equal(await terminal.code(), 0, terminal.text.slice(-2000))
  assert.equal(await readFile(join(workshop.folder, 'ben-got', 'ann', 'a.bin'), 'utf8'), 'ann brings this')
}

describe('a coordinator on a terminal', { skip: whyNoTerminal() }, () => {
  it('starts with those who are here when Enter is pressed', async () => {
    await onTerminal(async (workshop, terminal) => {
      const peers = await bothThere(workshop, terminal)
      terminal.type('\r')
      await allEnd(workshop, terminal, peers)
      assert.match(terminal.text, /starts with the 2 people who are here, without waiting for all 3/)
    })
  })

  it('waits for as many as are typed', async () => {
    await onTerminal(async (workshop, terminal) => {
      const peers = await bothThere(workshop, terminal)
      terminal.type('4\r')
      await terminal.printed('Waiting for people: 2 of 4')
      terminal.type('2\r')
      await allEnd(workshop, terminal, peers)
    })
  })

  it('ends at Ctrl-C, and says why it does not start alone', async () => {
    await onTerminal(async (_workshop, terminal) => {
      await terminal.printed('Enter: start with those here.')
      terminal.type('\r')
      await terminal.printed('Nobody is here yet')
      terminal.type(CTRL_C)
      assert.equal(await terminal.code(), 130)
    })
  })
})

/** A coordinator for three of whom two are here. */
async function withTwo(
  use: (workshop: Workshop, coordinator: Command, port: string) => Promise<void>
): Promise<void> {
  await Workshop.run(async (workshop) => {
    const { command, address } = await workshop.coordinator(3)
    await workshop.write('a.bin', 'ann brings this')
    const peers = [workshop.peer('ann', address, '--share', 'a.bin'), workshop.peer('ben', address)]
    await command.told('registered', 2)
    await use(workshop, command, address.split('/').at(-1) ?? '')
    for (const each of [...peers, command]) {
      assert.equal((await each.end()).code, 0, each.output.slice(-2000))
    }
    assert.equal(await readFile(join(workshop.folder, 'ben-got', 'ann', 'a.bin'), 'utf8'), 'ann brings this')
  })
}

async function startNow(workshop: Workshop, ...args: string[]): Promise<{ code: unknown; said: string }> {
  const command = workshop.start('potluck.js', 'start-now', ...args)
  const { code } = await command.end()
  return { code, said: command.output }
}

describe('a coordinator without a terminal', { skip: process.platform === 'win32' }, () => {
  it('fault 61: starts with those who are here at SIGUSR2, and warns where it cannot', async () => {
    await withTwo(async (workshop, coordinator) => {
      coordinator.child.kill('SIGUSR2')
      await coordinator.told('started-early')
      coordinator.child.kill('SIGUSR2')
      await coordinator.printed(/^coordinator: The swarm has started already\.$/m)
      assert.equal((await coordinator.told('warning'))['message'], 'The swarm has started already.')
      await coordinator.end()
      const log = await readFile(join(workshop.folder, 'logs', 'coordinator.log'), 'utf8')
      assert.match(log, / warning +The swarm has started already\.$/m)
    })
  })

  it('fault 61: is not ended by SIGUSR2, not even when its swarm has ended, and neither is a host', async () => {
    const often = (command: Command): void => {
      const timer = setInterval(() => command.child.kill('SIGUSR2'), 5)
      void command.exited.then(() => clearInterval(timer))
    }
    await withTwo(async (_workshop, coordinator) => often(coordinator))
    await Workshop.run(async (workshop) => {
      const listen = ['--listen', '127.0.0.1:0', '--dashboard', 'off', '--peers', '1', '--into', 'got']
      const host = workshop.start('potluck.js', 'host', ...listen, '--json')
      await host.told('started')
      often(host)
      assert.deepEqual(await host.end(), { code: 0, signal: null }, host.output.slice(-2000))
    })
  })

  it('does what potluck start-now asks for, and says what came of it', async () => {
    await withTwo(async (workshop, _coordinator, port) => {
      assert.deepEqual(await startNow(workshop, port, '--peers', '4'), {
        code: 0,
        said: 'The coordinator waits for 4 people now; 2 of them are here: ann, ben.\n'
      })
      const wrong = await startNow(workshop, port, '--peers', '9999')
      assert.equal(wrong.code, 2)
      assert.match(
        wrong.said,
        /^The number of peers cannot be 9999: it must be a whole number from 1 to 1024\.\n$/
      )
      assert.deepEqual(await startNow(workshop, port), {
        code: 0,
        said: 'The swarm starts with 2 people: ann, ben.\n'
      })
    })
  })
})
