/**
 * `potluck host`: its options, and the exit codes of a coordinator and a peer in one process. e2e/host.test.ts runs
 * both for real.
 */
import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { coordinatorProgram } from '#potluck/cli/coordinator-command.js'
import { hostProgram, type MakeRoles, OPTIONS_OF_BOTH } from '#potluck/cli/host-command.js'
import { peerProgram } from '#potluck/cli/peer-command.js'
import { COORDINATOR_SETTINGS, PEER_SETTINGS } from '#potluck/cli/setting-flags.js'
import { type CoordinatorConfig, coordinatorConfigSchema } from '#potluck/config/coordinator.js'
import { type PeerConfig, peerConfigSchema } from '#potluck/config/peer.js'
import { PotluckError } from '#potluck/core/errors.js'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import { EventStream } from '#potluck/events/stream.js'
import { type Called, callHost, inFolder } from '../fixtures/calls.js'

const STAMP = { atMs: 1, peer: 'coordinator' }
const STARTED = { ...STAMP, peerId: 'x', multiaddrs: [], expectedPeers: 2, chunkByteLength: 1024 }
const CATALOG: PeerEvent = {
  ...{ ...STAMP, event: 'catalog', peer: 'ann', files: 1, byteLength: 1, missingFiles: 1, missingBytes: 1 },
  missing: []
}
const NEVER = new Promise<never>(() => undefined)

interface Story {
  /** What the peer ends with. */
  peer: (events: EventStream<PeerEvent>) => Promise<{ complete: boolean }>
  /** What the coordinator ends with once the peer is over. */
  coordinator?: Promise<{ complete: boolean }>
}

/** Roles that follow a script, and the options that they were created with. */
class Roles implements MakeRoles {
  config: CoordinatorConfig | undefined
  peerConfig: PeerConfig | undefined
  invitation: string | undefined
  readonly stopped: string[] = []
  readonly #story: Story

  constructor(story: Story) {
    this.#story = story
  }

  coordinator: MakeRoles['coordinator'] = async ({ config }) => {
    this.config = config
    const events = new EventStream<CoordinatorEvent>()
    return {
      events,
      invitation: 'potluck1abc',
      isOpen: false,
      startNow: () => undefined,
      setExpectedPeers: () => undefined,
      start: async () => events.emit({ event: 'started', ...STARTED }),
      stop: async (reason) => void this.stopped.push(`coordinator: ${reason}`),
      completed: () => this.#story.coordinator ?? NEVER
    }
  }

  peer: MakeRoles['peer'] = async ({ config, invitation }) => {
    this.peerConfig = config
    this.invitation = invitation
    const events = new EventStream<PeerEvent>()
    return {
      events,
      start: async () => undefined,
      stop: async (reason) => void this.stopped.push(`peer: ${reason}`),
      completed: () => this.#story.peer(events),
      setLimits: () => undefined
    }
  }
}

const COMPLETE = Promise.resolve({ complete: true })
const INCOMPLETE = Promise.resolve({ complete: false })

async function host(story: Story, ...argv: string[]): Promise<{ called: Called; roles: Roles }> {
  const roles = new Roles(story)
  const called = await callHost(['--name', 'ann', '--listen', '127.0.0.1:0', ...argv], roles)
  return { called, roles }
}

describe('the options of a host', () => {
  it('are those of both roles, and a flag that both have is once decided upon', () => {
    const [own, coordinator, peer] = [hostProgram(), coordinatorProgram(), peerProgram()].map(
      ({ options }) => new Set(options.map(({ long }) => long))
    )
    const missing = (flags: Set<string | undefined> | undefined) =>
      [...(flags ?? [])].filter((flag) => own?.has(flag) === false)
    assert.deepEqual(missing(coordinator), ['--new-secret', '--config'])
    const ofPeersAlone = ['--join', '--coordinator', '--ask-above', '--yes', '--dry-run', '--config']
    assert.deepEqual(missing(peer), ofPeersAlone)
    // A new flag of both roles fails here until someone decides what it means for a host: a flag in this list sets both
    // roles.
    const ofBoth = [...(peer ?? [])].filter((flag) => coordinator?.has(flag) && own?.has(flag))
    const decided = [
      ...OPTIONS_OF_BOTH,
      '--name',
      '--secret-file',
      '--invitation-file',
      '--verbose',
      '--version'
    ]
    assert.deepEqual(ofBoth.sort(), decided.sort())
  })

  it('are settings of a role, or are known not to be, so that none is taken and forgotten', () => {
    for (const [program, { shape }, settings, others] of [
      [
        coordinatorProgram(),
        coordinatorConfigSchema,
        COORDINATOR_SETTINGS,
        [
          '--version',
          '--new',
          '--new-secret',
          '--invitation-file',
          '--config',
          '--quiet',
          '--json',
          '--verbose'
        ]
      ],
      [
        peerProgram(),
        peerConfigSchema,
        PEER_SETTINGS,
        [
          '--version',
          '--join',
          '--invitation-file',
          '--config',
          '--quiet',
          '--json',
          '--verbose',
          '--yes',
          '--dry-run'
        ]
      ]
    ] as const) {
      const names = new Map<string, string>(Object.entries(settings))
      const noSettings = program.options.filter((option) => {
        const name = option.attributeName()
        return !Object.hasOwn(shape, names.get(name) ?? name)
      })
      assert.deepEqual(noSettings.map(({ long }) => long).sort(), [...others].sort())
    }
  })

  it('go to the coordinator and to the peer, which has the next port and comes by the invitation', async () => {
    await inFolder(async () => {
      await writeFile('a.jpg', 'a')
      await writeFile('b.jpg', 'b')
      const story = { peer: async () => COMPLETE, coordinator: COMPLETE }
      const roles = new Roles(story)
      const flags = [
        '--peers',
        '3',
        '--start-after',
        '90s',
        '--relay',
        '--uplink',
        '5',
        '--share',
        'a.jpg',
        'b.jpg',
        '--into',
        'got'
      ]
      const open = ['--listen', '127.9.7.3:47310', '--announce', '203.0.113.7:9000', '--logs', 'there']
      assert.equal((await callHost([...flags, ...open, '--name', 'ann'], roles)).code, 0)
      const { config, peerConfig, invitation } = roles
      assert.deepEqual(
        [config?.name, config?.expectedPeers, config?.relay, config?.listen, config?.announce, config?.logs],
        ['coordinator', 3, true, ['/ip4/127.9.7.3/tcp/47310'], ['/ip4/203.0.113.7/tcp/9000'], 'there']
      )
      assert.equal(config?.startAfterMs, 90_000)
      assert.match(config?.stateFile ?? '', /there\/coordinator-47310\.state$/)
      assert.deepEqual(
        [peerConfig?.name, peerConfig?.uplink, peerConfig?.share, peerConfig?.collection, peerConfig?.logs],
        ['ann', 5, ['a.jpg', 'b.jpg'], 'got', 'there']
      )
      assert.deepEqual(peerConfig?.listen, ['/ip4/127.9.7.3/tcp/47311'])
      assert.deepEqual(peerConfig?.announce, ['/ip4/203.0.113.7/tcp/9001'])
      assert.equal(invitation, 'potluck1abc')
    })
  })

  it('are refused before anything starts', async () => {
    await inFolder(async () => {
      const story = { peer: async () => COMPLETE }
      for (const [argv, pattern] of [
        [['nothing.jpg'], /^There is no file or folder "nothing\.jpg"/],
        [['--peers', 'many'], /^--peers cannot be "many"/],
        [['--uplink', 'fast'], /^--uplink cannot be "fast"/],
        [['--name', 'Coordinator'], /^--name cannot be "Coordinator": the coordinator beside this peer/],
        [['--config', 'x'], /unknown option '--config'/]
      ] as const) {
        const { called, roles } = await host(story, ...argv)
        assert.equal(called.code, 2)
        assert.match(called.stderr, pattern)
        assert.equal(roles.config, undefined)
      }
    })
  })
})

describe('a host ends', () => {
  it('with what its peer ends with, and with what its coordinator does where the peer has everything', async () => {
    await inFolder(async () => {
      const fails = (code: 'DISK' | 'INCOMPLETE') => async (events: EventStream<PeerEvent>) => {
        events.emit(CATALOG)
        throw new PotluckError(code, 'The disk is full.')
      }
      for (const [story, code] of [
        [{ peer: async () => COMPLETE, coordinator: COMPLETE }, 0],
        [{ peer: async () => COMPLETE, coordinator: INCOMPLETE }, 4],
        [{ peer: fails('DISK'), coordinator: INCOMPLETE }, 6],
        [{ peer: fails('DISK'), coordinator: COMPLETE }, 6],
        [{ peer: fails('INCOMPLETE'), coordinator: COMPLETE }, 4]
      ] as const) {
        const { called } = await host(story)
        assert.equal(called.code, code, called.output)
      }
    })
  })

  it('at once where its peer cannot take part, and says so', async () => {
    await inFolder(async () => {
      const peer = async (): Promise<never> => {
        throw new PotluckError('SHARE_UNUSABLE', 'Photos cannot be read.')
      }
      const { called, roles } = await host({ peer })
      assert.equal(called.code, 2)
      const said = 'ann could not take part, so the swarm was ended before it began.'
      assert.deepEqual(called.stderr.split('\n').slice(0, 2), [
        'ann: Photos cannot be read.',
        `coordinator: ${said}`
      ])
      assert.deepEqual(roles.stopped, ['peer: the run ended', `coordinator: ${said}`])
    })
  })

  it('later where its peer fails while others exchange', async () => {
    await inFolder(async () => {
      const { promise, resolve } = Promise.withResolvers<{ complete: boolean }>()
      const peer = async (events: EventStream<PeerEvent>): Promise<never> => {
        events.emit(CATALOG)
        setTimeout(() => resolve({ complete: false }), 100)
        throw new PotluckError('DISK', 'The disk is full.')
      }
      const { called, roles } = await host({ peer, coordinator: promise })
      assert.equal(called.code, 6)
      assert.match(
        called.stderr,
        /^coordinator: ann has ended with exit code 6\. The swarm goes on for the others;/m
      )
      assert.deepEqual(roles.stopped, ['peer: the run ended', 'coordinator: the run ended'])
    })
  })
})

describe('what a host tells', () => {
  it('as JSON says which of its roles tells it, and its logs do not need to', async () => {
    await inFolder(async () => {
      const peer = async (events: EventStream<PeerEvent>) => {
        events.emit(CATALOG)
        return COMPLETE
      }
      const { called } = await host(
        { peer, coordinator: new Promise((done) => setTimeout(done, 100, { complete: true })) },
        '--json'
      )
      assert.deepEqual(
        called.events.map(({ event, role }) => [event, role]),
        [
          ['started', 'coordinator'],
          ['catalog', 'peer']
        ]
      )
      assert.match(called.stderr, /^.*join potluck1abc FILES$/m)
      const logged: Record<string, unknown> = JSON.parse(await readFile('logs/ann.jsonl', 'utf8'))
      const { role, ...told } = called.events[1] ?? {}
      assert.deepEqual(logged, told, 'the log has the same, without a role')
      const { at } = logged
      assert.ok(typeof at === 'string' && new Date(at).toISOString() === at)
    })
  })

  it('to scripts is the invitation, in a file that only its user can read, while it runs', async () => {
    await inFolder(async () => {
      let mode = 0
      let content = ''
      const peer = async () => {
        while (content === '') {
          content = await readFile('inv', 'utf8').catch(() => '')
        }
        mode = (await stat('inv')).mode & 0o777
        return COMPLETE
      }
      const coordinator = new Promise<{ complete: boolean }>((done) =>
        setTimeout(done, 300, { complete: true })
      )
      const { called } = await host({ peer, coordinator }, '--invitation-file', 'inv')
      assert.equal(called.code, 0)
      assert.deepEqual([content, mode], ['potluck1abc\n', 0o600])
      await assert.rejects(stat('inv'), { code: 'ENOENT' })
    })
  })
})
