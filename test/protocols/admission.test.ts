/** The admission protocol between plain hosts: which nodes get in, which do not, and what a stranger sees meanwhile. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import '#potluck/polyfill.js'
import { createHost, type Host } from '#potluck/node/host/host.js'
import { ADMISSION_TIMEOUT_MS } from '#potluck/protocols/admission/constants.js'
import {
  ADMISSION_PROTOCOL,
  type AdmissionRefusal,
  AdmissionService,
  askAdmission,
  type Door,
  type SwarmSecret
} from '#potluck/protocols/admission/index.js'
import { Answer, Challenge, Hello, Verdict } from '#potluck/protocols/admission/pb/messages.js'
import { statementOf, type Transcript } from '#potluck/protocols/admission/proofs.js'
import { readMessage, sendMessage } from '#potluck/protocols/wire.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
import { newSecret } from '../fixtures/secrets.js'

/** What is behind the coordinator's door. */
const SERVICE = '/test/service/1.0.0'

interface Scene {
  admission: AdmissionService
  coordinator: Host
  refusals: AdmissionRefusal[]
  /** Streams that reached the service. */
  served: string[]
  /** A host that is connected with the coordinator, and not admitted. */
  guest(privateKey?: PrivateKey): Promise<Guest>
  host(door?: Door, privateKey?: PrivateKey): Promise<Host>
}

interface Guest {
  host: Host
  peerId: string
  connection: Connection
}

async function withCoordinator(
  init: {
    secret?: SwarmSecret | undefined
    invitation?: SwarmSecret | undefined
    allow?: readonly string[]
    maxUnadmitted?: number
  },
  use: (scene: Scene) => Promise<void>
): Promise<void> {
  const hosts: Host[] = []
  const host = async (door: Door = OPEN_DOOR, privateKey?: PrivateKey): Promise<Host> => {
    const made = await createHost({
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      door,
      privateKey: privateKey ?? (await generateKeyPair('Ed25519'))
    })
    hosts.push(made)
    await made.start()
    return made
  }
  const { secret, invitation, allow, maxUnadmitted } = init
  const admission = new AdmissionService({ secret, invitation, allow, maxUnadmitted })
  try {
    const coordinator = await host(admission)
    const refusals: AdmissionRefusal[] = []
    const served: string[] = []
    await admission.start({ host: coordinator, onRefused: (refusal) => refusals.push(refusal) })
    await coordinator.handle(SERVICE, (stream, { remotePeer }) => {
      served.push(remotePeer.toString())
      stream.send(Uint8Array.of(1))
    })
    const guest = async (privateKey?: PrivateKey): Promise<Guest> => {
      const made = await host(OPEN_DOOR, privateKey)
      const connection = await made.dial(coordinator.getMultiaddrs())
      return { host: made, peerId: made.peerId.toString(), connection }
    }
    await use({ admission, coordinator, refusals, served, guest, host })
  } finally {
    await admission.stop()
    await Promise.all(hosts.map((made) => made.stop()))
  }
}

async function ask(
  { connection, peerId }: Guest,
  secret: SwarmSecret | undefined,
  invited = false
): Promise<void> {
  await askAdmission({ connection, peerId, secret, invited, signal: AbortSignal.timeout(10_000) })
}

/** Whether the service behind the door answers. */
async function isServed({ connection }: Guest): Promise<boolean> {
  try {
    const stream = await connection.newStream(SERVICE)
    let answered = false
    stream.addEventListener('message', () => {
      answered = true
    })
    const deadlineMs = performance.now() + 10_000
    while (!answered && stream.status === 'open') {
      assert.ok(performance.now() < deadlineMs, 'neither answered nor reset')
      await sleep(5)
    }
    return answered
  } catch (error) {
    assert.ok(!(error instanceof assert.AssertionError), String(error))
    return false
  }
}

async function ended(connection: Pick<Connection, 'status'>, withinMs: number): Promise<number> {
  const beganAtMs = performance.now()
  while (connection.status === 'open') {
    assert.ok(performance.now() - beganAtMs < withinMs, `the connection is open after ${withinMs} ms`)
    await sleep(10)
  }
  return performance.now() - beganAtMs
}

function nonce(fill: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(32).fill(fill)
}

/** An exchange by hand. `answerOf` gets what the coordinator said. */
async function exchangeBy(
  { connection }: Pick<Guest, 'connection'>,
  peerNonce: Uint8Array<ArrayBuffer>,
  answerOf: (challenge: Challenge) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
  invited = false
): Promise<Verdict> {
  const stream = await connection.newStream(ADMISSION_PROTOCOL)
  await sendMessage(stream, Hello, { nonce: peerNonce, invited })
  const challenge = await readMessage(stream, Challenge)
  await sendMessage(stream, Answer, { trusts: true, proof: await answerOf(challenge) })
  return await readMessage(stream, Verdict)
}

describe('admission', () => {
  it('takes whoever has the same secret, and everybody where nobody has one', async () => {
    for (const secret of [await newSecret(), undefined]) {
      await withCoordinator({ secret }, async ({ guest, refusals, served }) => {
        const ann = await guest()
        assert.equal(await isServed(ann), false, 'not before it was admitted')
        await ask(ann, secret)
        assert.equal(await isServed(ann), true)
        await ask(ann, secret)
        assert.deepEqual(served, [ann.peerId], 'no stream reached the service before')
        assert.deepEqual(refusals, [])
      })
    }
  })

  it('fault 27: refuses all who have another secret or none, and says on both sides what is wrong', async () => {
    const [ours, theirs] = [await newSecret(), await newSecret()]
    for (const [coordinators, peers, told, heard] of [
      [ours, theirs, /has another secret than this peer; give both/, /it has another secret/],
      [ours, undefined, /this one has none; give it .*--secret-file/, /it has no secret/],
      [
        undefined,
        ours,
        /has no secret and this peer has one/,
        /it has a secret and this coordinator has none/
      ]
    ] as const) {
      await withCoordinator({ secret: coordinators }, async ({ guest, refusals, served }) => {
        const eve = await guest()
        await assert.rejects(ask(eve, peers), (error) => {
          assert.ok(error instanceof Error && 'code' in error && 'exitCode' in error)
          assert.deepEqual([error.code, error.exitCode], ['REFUSED', 3])
          assert.match(error.message, told)
          return true
        })
        await ended(eve.connection, 4000)
        assert.equal(refusals.length, 1)
        assert.equal(refusals[0]?.code, 'SECRET')
        assert.equal(refusals[0]?.peerId, eve.peerId)
        assert.match(refusals[0]?.message ?? '', heard)
        assert.deepEqual(served, [])
      })
    }
  })

  it('takes whoever has the key of its invitation, beside those who have the secret', async () => {
    const [secret, invitation] = [await newSecret(), await newSecret()]
    await withCoordinator({ secret, invitation }, async ({ guest, refusals }) => {
      const [ann, ben] = [await guest(), await guest()]
      await ask(ann, secret)
      await ask(ben, invitation, true)
      assert.deepEqual([await isServed(ann), await isServed(ben)], [true, true])
      assert.deepEqual(refusals, [])
    })
  })

  it('fault 40: takes no key for the secret, no secret for the key, and no key of another invitation', async () => {
    const [secret, invitation, other] = [await newSecret(), await newSecret(), await newSecret()]
    for (const [has, invited, told, heard] of [
      [
        other,
        true,
        /does not know this invitation.*; ask for its current invitation/,
        /it has the invitation of another swarm/
      ],
      [secret, true, /does not know this invitation/, /it has the invitation of another swarm/],
      [invitation, false, /has another secret than this peer/, /it has another secret/],
      [undefined, false, /or join by the coordinator/, /it has no secret/]
    ] as const) {
      await withCoordinator({ secret, invitation }, async ({ guest, refusals, served }) => {
        const eve = await guest()
        await assert.rejects(ask(eve, has, invited), { code: 'REFUSED', message: told })
        await ended(eve.connection, 4000)
        assert.match(refusals[0]?.message ?? '', heard)
        assert.equal(await isServed(eve), false)
        assert.deepEqual(served, [])
      })
    }
    // A node that trusts every coordinator must still prove that it has what it claims.
    await withCoordinator({ secret, invitation }, async ({ coordinator, guest, refusals }) => {
      const coordinatorId = coordinator.peerId.toString()
      for (const [has, invited] of [
        [invitation, false],
        [secret, true],
        [undefined, true]
      ] as const) {
        const eve = await guest()
        const answerOf = ({ nonce: coordinatorNonce }: Challenge): Uint8Array<ArrayBuffer> => {
          const transcript = { coordinatorId, peerId: eve.peerId, coordinatorNonce, peerNonce: nonce(5) }
          return has?.proofOf(statementOf('peer', transcript)) ?? new Uint8Array()
        }
        assert.equal((await exchangeBy(eve, nonce(5), answerOf, invited)).admitted, false)
      }
      assert.equal(refusals.length, 3)
    })
  })

  it('fault 40: takes nobody by an invitation where there is none', async () => {
    for (const secret of [await newSecret(), undefined]) {
      await withCoordinator({ secret }, async ({ guest, served }) => {
        const eve = await guest()
        await assert.rejects(ask(eve, await newSecret(), true))
        if (secret !== undefined) {
          // Claiming so does not get a node around the secret, either.
          const mallory = await guest()
          await assert.rejects(exchangeBy(mallory, nonce(5), () => new Uint8Array(), true))
          assert.equal(await isServed(mallory), false)
        }
        assert.equal(await isServed(eve), false)
        assert.deepEqual(served, [])
      })
    }
  })

  it('fault 27: takes no proof of another exchange, of the other side, or for another PeerId', async () => {
    const secret = await newSecret()
    const proofOf = (role: 'coordinator' | 'peer', transcript: Transcript): Uint8Array<ArrayBuffer> =>
      secret.proofOf(statementOf(role, transcript))
    await withCoordinator({ secret }, async ({ coordinator, guest, refusals, served }) => {
      const coordinatorId = coordinator.peerId.toString()
      const ann = await guest()
      let recorded = new Uint8Array()
      const exchangeOf = (peerId: string, challenge: Challenge): Transcript => ({
        coordinatorId,
        peerId,
        coordinatorNonce: challenge.nonce,
        peerNonce: nonce(7)
      })
      const good = await exchangeBy(ann, nonce(7), (challenge) => {
        recorded = proofOf('peer', exchangeOf(ann.peerId, challenge))
        return recorded
      })
      assert.equal(good.admitted, true)

      // The same words once more, by the same node, on a connection of its own.
      await ann.connection.close()
      const again = { ...ann, connection: await ann.host.dial(coordinator.getMultiaddrs()) }
      assert.equal((await exchangeBy(again, nonce(7), () => recorded)).admitted, false, 'replay')
      assert.equal(await isServed(again), false)

      const eve = await guest()
      const reflected = await exchangeBy(eve, nonce(7), ({ proof }) => Uint8Array.from(proof))
      assert.equal(reflected.admitted, false, 'reflection')
      const mallory = await guest()
      const ofAnn = await exchangeBy(mallory, nonce(7), (challenge) =>
        proofOf('peer', exchangeOf(ann.peerId, challenge))
      )
      assert.equal(ofAnn.admitted, false, 'the proof of another PeerId')
      const trent = await guest()
      assert.equal((await exchangeBy(trent, nonce(7), () => new Uint8Array())).admitted, false, 'no proof')
      assert.equal(refusals.length, 4)
      assert.deepEqual(served, [])
    })
  })

  it('fault 27: shows through a node in the middle that passes on what both say', async () => {
    const secret = await newSecret()
    await withCoordinator({ secret }, async ({ coordinator, guest, host, refusals }) => {
      // Eve is no real coordinator. To Ann she poses as one that admits everyone, and she relays Ann's messages to the
      // real one.
      const eve = await guest()
      const onwards = await eve.connection.newStream(ADMISSION_PROTOCOL)
      const passed = Promise.withResolvers<Verdict>()
      const serve = async (stream: Stream): Promise<void> => {
        await sendMessage(onwards, Hello, await readMessage(stream, Hello))
        await sendMessage(stream, Challenge, await readMessage(onwards, Challenge))
        await sendMessage(onwards, Answer, await readMessage(stream, Answer))
        passed.resolve(await readMessage(onwards, Verdict))
        await sendMessage<Verdict>(stream, Verdict, { admitted: true })
      }
      await eve.host.handle(ADMISSION_PROTOCOL, (stream) => void serve(stream).catch(passed.reject))
      const ann = await host()
      const connection = await ann.dial(eve.host.getMultiaddrs())
      const peerId = ann.peerId.toString()
      await assert.rejects(ask({ host: ann, connection, peerId }, secret), /another secret than this peer/)
      assert.equal((await passed.promise).admitted, false)
      assert.equal(refusals.length, 1)
      await ended(eve.connection, 4000)

      // Even if Ann trusted everyone, the coordinator would notice.
      const again = { ...eve, connection: await eve.host.dial(coordinator.getMultiaddrs()) }
      const verdict = await exchangeBy(again, nonce(3), ({ nonce: coordinatorNonce }) => {
        const coordinatorId = eve.peerId
        const transcript = { coordinatorId, peerId, coordinatorNonce, peerNonce: nonce(3) }
        return secret.proofOf(statementOf('peer', transcript))
      })
      assert.equal(verdict.admitted, false)
    })
  })

  it('fault 27: shuts out again who was admitted and then cannot prove it', async () => {
    const secret = await newSecret()
    await withCoordinator({ secret }, async ({ admission, coordinator, guest }) => {
      const ann = await guest()
      await ask(ann, secret)
      const [connection] = coordinator.getConnections(ann.host.peerId)
      assert.ok(connection !== undefined && admission.admits(connection, SERVICE))
      const verdict = await exchangeBy(ann, nonce(1), () => nonce(2))
      assert.equal(verdict.admitted, false)
      assert.equal(admission.admits(connection, SERVICE), false)
    })
  })

  it('fault 27: takes no nonce that is shorter or longer than all are', async () => {
    const secret = await newSecret()
    for (const byteLength of [0, 31, 33]) {
      await withCoordinator({ secret }, async ({ guest, refusals }) => {
        const exchange = exchangeBy(await guest(), new Uint8Array(byteLength), () => nonce(2))
        await assert.rejects(exchange, `a nonce of ${byteLength} bytes`)
        assert.deepEqual(refusals, [], 'nothing was proved to it')
      })
    }
  })

  it('fault 27: ends a connection that is not admitted in time, and no other', async () => {
    await withCoordinator({ secret: undefined }, async ({ guest }) => {
      // The one whose time would be over first is the one that is admitted.
      const [ann, silent] = [await guest(), await guest()]
      await ask(ann, undefined)
      const elapsedMs = await ended(silent.connection, ADMISSION_TIMEOUT_MS + 5000)
      assert.ok(elapsedMs > ADMISSION_TIMEOUT_MS - 1000)
      assert.equal(ann.connection.status, 'open')
      assert.equal(await isServed(ann), true)
    })
  })

  it('fault 32: has room for so many who have not asked, and the oldest makes way', async () => {
    await withCoordinator({ secret: undefined, maxUnadmitted: 2 }, async ({ guest }) => {
      const ann = await guest()
      await ask(ann, undefined)
      const silent = [await guest(), await guest(), await guest()]
      await ended((silent[0] ?? ann).connection, ADMISSION_TIMEOUT_MS - 2000)
      assert.deepEqual(
        [ann, ...silent].map(({ connection }) => connection.status === 'open'),
        [true, false, true, true]
      )
    })
  })

  it('fault 11: lets nobody in once it stops, who would take it for something else and give up', async () => {
    await withCoordinator({ secret: undefined }, async ({ guest, admission }) => {
      await admission.stop()
      const late = await guest().catch(() => undefined)
      await ended(late?.connection ?? { status: 'closed' }, 2000)
    })
  })

  it('fault 28: takes only those of the list, where there is one, and tells the others so for good', async () => {
    const [secret, invitation] = [await newSecret(), await newSecret()]
    for (const [coordinators, has, invited] of [
      [secret, secret, false],
      [secret, invitation, true],
      [undefined, undefined, false]
    ] as const) {
      const allow: string[] = []
      const init = { secret: coordinators, invitation, allow }
      await withCoordinator(init, async ({ guest, refusals, served }) => {
        const eve = await guest()
        await assert.rejects(ask(eve, has, invited), {
          code: 'REFUSED',
          message: new RegExp(
            `not on the "allow" list; give ${eve.peerId} to the person who runs the coordinator`
          )
        })
        await ended(eve.connection, 4000)
        assert.equal(await isServed(eve), false)
        assert.deepEqual(
          refusals.map(({ code, peerId }) => [code, peerId]),
          [['NOT_ALLOWED', eve.peerId]]
        )
        assert.deepEqual(served, [])
      })
    }
  })

  it('fault 28: takes whoever is on the list, and nobody for that alone', async () => {
    const secret = await newSecret()
    const key = await generateKeyPair('Ed25519')
    const allow = [peerIdFromPrivateKey(key).toString()]
    await withCoordinator({ secret, allow }, async ({ guest, refusals }) => {
      const other = await newSecret()
      await assert.rejects(ask(await guest(key), other), /another secret/)
      const ann = await guest(key)
      await ask(ann, secret)
      assert.equal(await isServed(ann), true)
      assert.deepEqual(
        refusals.map(({ code }) => code),
        ['SECRET']
      )
    })
  })

  it('fault 28: has nobody hear of the list who does not prove the secret', async () => {
    await withCoordinator({ secret: await newSecret(), allow: [] }, async ({ guest, refusals, served }) => {
      const eve = await guest()
      const verdict = await exchangeBy(eve, nonce(5), () => new Uint8Array())
      assert.deepEqual([verdict.admitted, verdict.code], [false, 'SECRET'])
      assert.doesNotMatch(verdict.message, /allow|list/)
      await ended(eve.connection, 4000)
      assert.deepEqual(
        refusals.map(({ code }) => code),
        ['SECRET']
      )
      assert.deepEqual(served, [])
    })
  })
})
