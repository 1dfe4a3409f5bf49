/** Which coordinator `potluck start-now` means, and how it reaches one. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { newSocketPath, socketPaths } from '#potluck/cli/control-folder.js'
import { askCoordinator, ControlSocket, type CoordinatorStatus } from '#potluck/cli/control-socket.js'
import { allRunning, chosen, outcomeText } from '#potluck/cli/start-now-role.js'
import { PotluckError } from '#potluck/core/errors.js'
import { MAX_PEERS } from '#potluck/core/max-peers.js'

const folder = mkdtempSync(join(tmpdir(), 'potluck-control-'))
after(() => rmSync(folder, { recursive: true }))

function running(port: number, changes: Partial<CoordinatorStatus> = {}): { status: CoordinatorStatus } {
  const addresses = [`/ip4/127.0.0.1/tcp/${port}`]
  return {
    status: { name: 'coordinator', addresses, isWaiting: true, expectedPeers: 3, names: ['ann'], ...changes }
  }
}

function refused(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PotluckError)
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  }
}

describe('the coordinator that is meant', () => {
  it('is the only one that waits, or the one with the port or the name', () => {
    const [one, two] = [running(9000), running(9100, { name: 'Films' })]
    assert.equal(chosen([one], undefined), one)
    assert.equal(chosen([one, running(9200, { isWaiting: false })], undefined), one)
    assert.equal(chosen([one, two], '9100'), two)
    assert.equal(chosen([one, two], 'films'), two)
  })

  it('is asked for where there are several, none, or no such one', () => {
    const [one, two] = [running(9000), running(9100, { isWaiting: false })]
    assert.throws(
      () => chosen([one, running(9200)], undefined),
      refused('CONFIGURATION', /2 coordinators .* port 9000 \(1 of 3 people\), .* "\S.* start-now 9000"\.$/)
    )
    assert.throws(
      () => chosen([], '9000'),
      refused('COORDINATOR_UNREACHABLE', /^No coordinator of this user/)
    )
    assert.throws(
      () => chosen([one, two], '1'),
      refused('CONFIGURATION', /"1"\. Those that run: .* port 9100 \(started\)\./)
    )
    assert.throws(() => chosen([two], undefined), refused('REFUSED', /started already/))
  })

  it('says what came of it', () => {
    const { status } = running(9000, { names: [] })
    assert.equal(outcomeText(status), 'The coordinator waits for 3 people now; nobody is here yet.')
    const started = running(9000, { isWaiting: false, names: ['ann', 'ben'] })
    assert.equal(outcomeText(started.status), 'The swarm starts with 2 people: ann, ben.')
  })
})

describe('the socket of a coordinator', { skip: process.platform === 'win32' }, () => {
  it('fault 61: is in a folder that is its user’s alone, or nowhere', () => {
    const ours = join(folder, 'ours')
    const open = join(folder, 'open')
    mkdirSync(open)
    chmodSync(open, 0o755)
    assert.equal(dirname(newSocketPath([open, join(folder, 'x'.repeat(120)), ours]) ?? ''), ours)
    assert.equal(newSocketPath([open]), undefined)
    writeFileSync(join(open, '1.sock'), '')
    writeFileSync(join(ours, 'other'), '')
    assert.deepEqual(socketPaths([open, ours, join(folder, 'nowhere')]), [])
  })

  it('passes on what is asked and answered, also a refusal', async () => {
    const path = join(folder, 'a.sock')
    const { status } = running(9000)
    const asked: unknown[] = []
    const socket = await ControlSocket.listen((request) => {
      asked.push(request)
      if (request.ask === 'start') {
        throw new PotluckError('REFUSED', 'Only ann is here.')
      }
      return status
    }, path)
    assert.deepEqual(await askCoordinator(path, { ask: 'wait', expectedPeers: 5 }), status)
    await assert.rejects(askCoordinator(path, { ask: 'start' }), refused('REFUSED', /^Only ann is here\.$/))
    assert.deepEqual(asked, [{ ask: 'wait', expectedPeers: 5 }, { ask: 'start' }])
    for (const line of ['{"ask":"stop"}\n', 'nonsense\n']) {
      const client = connect(path)
      client.write(line)
      const [answer] = await client.toArray()
      assert.match(
        String(answer),
        /"code":"CONFIGURATION","message":"The coordinator does not know this request\./
      )
    }
    const endless = connect(path)
    endless.on('error', () => undefined)
    endless.write('x'.repeat(100_000))
    await new Promise((closed) => endless.on('close', closed))
    socket?.close()
    assert.equal(existsSync(path), false)
    assert.equal(await askCoordinator(path, { ask: 'status' }), undefined)
  })

  it('fault 61: of a process that was killed is removed, and no other', async () => {
    const ours = join(folder, 'killed')
    mkdirSync(ours, { mode: 0o700 })
    const left = [1, 2].map((number) => join(ours, `${number}.sock`))
    for (const path of left) {
      const code = `require('net').createServer().listen('${path}', () => process.kill(process.pid, 'SIGKILL'))`
      assert.equal(spawnSync(process.execPath, ['-e', code]).signal, 'SIGKILL')
      assert.ok(existsSync(path))
    }
    writeFileSync(join(ours, 'notes'), '')
    const path = newSocketPath([ours]) ?? ''
    const first = await ControlSocket.listen(() => running(9000).status, path)
    assert.deepEqual(socketPaths([ours]), [path])
    const second = await ControlSocket.listen(() => running(9100).status, newSocketPath([ours]))
    for (const paths of [socketPaths([ours]), socketPaths([ours]).reverse()]) {
      const found = await allRunning(paths)
      assert.deepEqual(
        found.map(({ status }) => status),
        [running(9000).status, running(9100).status],
        'in the order of their ports'
      )
    }
    first?.close()
    second?.close()
    assert.deepEqual(readdirSync(ours), ['notes'])
  })

  it('fault 61: is done without where it cannot be made', async () => {
    const path = join(folder, 'nowhere', 'a.sock')
    assert.equal(await ControlSocket.listen(() => running(9000).status, path), undefined)
  })

  it('fault 61: that gives no answer keeps nobody from another', async () => {
    const silent = join(folder, 'silent.sock')
    const server = createServer((socket) => socket.destroy()).listen(silent)
    await once(server, 'listening')
    await assert.rejects(allRunning([silent]), refused('COORDINATOR_UNREACHABLE', /does not answer/))
    const path = join(folder, 'good.sock')
    const socket = await ControlSocket.listen(() => running(9000).status, path)
    assert.deepEqual(await allRunning([silent, path]), [{ path, ...running(9000) }])
    socket?.close()
    server.close()
  })

  it('answers with the names of a full swarm, and closes what is open at its end', async () => {
    const path = join(folder, 'full.sock')
    const names = Array.from({ length: MAX_PEERS }, (_, index) => `${index}`.padStart(64, 'x'))
    const socket = await ControlSocket.listen(() => running(9000, { names }).status, path)
    assert.deepEqual((await askCoordinator(path, { ask: 'status' }))?.names, names)
    const client = connect(path)
    await once(client, 'connect')
    // The server accepts in order: once this one is answered, it has accepted the other.
    await askCoordinator(path, { ask: 'status' })
    socket?.close()
    await once(client.resume(), 'close')
  })
})
