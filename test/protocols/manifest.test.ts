import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import {
  catalogProblem,
  checkedSwarmId,
  InvalidManifestError,
  type Manifest,
  newSwarmId,
  openManifest,
  sameManifest,
  signManifest
} from '#potluck/protocols/manifest/index.js'
import { SignedManifest } from '#potluck/protocols/manifest/pb/messages.js'
import { ProtocolViolation } from '#potluck/protocols/wire.js'
import { fc } from '../fixtures/properties.js'

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((digest) => Buffer.from(digest).toString('hex'))

const SWARM_ID = newSwarmId()

let privateKey: PrivateKey
let originId: string

const file = fc.record({
  path: fc.constantFrom('a', 'b/c', 'b/d/e.bin', 'Ümlaut/日本'),
  byteLength: fc.integer({ min: 0, max: 2 ** 40 }),
  md5: hex(16),
  root: hex(32)
})

function manifestOf(fields: Partial<Manifest>): Manifest {
  return {
    kind: 'file',
    origin: 'ann',
    originId,
    path: 'file',
    byteLength: 1,
    chunkByteLength: 262144,
    md5: '0'.repeat(32),
    root: '0'.repeat(64),
    ...fields
  }
}

describe('manifest', () => {
  before(async () => {
    const key = await generateKeyPair('Ed25519')
    privateKey = key
    originId = peerIdFromPrivateKey(key).toString()
  })

  it('comes back from its bytes as it was signed', async () => {
    await fc.assert(
      fc.asyncProperty(file, async (fields) => {
        const signed = await signManifest(manifestOf(fields), SWARM_ID, privateKey)
        const opened = await openManifest(signed.bytes, SWARM_ID)
        assert.ok(sameManifest(opened.manifest, manifestOf(fields)))
      }),
      { numRuns: 50 }
    )
  })

  it('fault 23, fault 31: is refused, or means the same, after the change of any byte', async () => {
    const { bytes, manifest } = await signManifest(manifestOf({}), SWARM_ID, privateKey)
    const same = (other: unknown): boolean => isDeepStrictEqual(other, manifest)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ flip
        const opened = await openManifest(changed, SWARM_ID).catch((error: unknown) => error)
        assert.ok(
          opened instanceof InvalidManifestError ||
            (opened instanceof Object && 'manifest' in opened && same(opened.manifest)),
          `byte ${at} changed by ${flip}`
        )
      }),
      { numRuns: 300 }
    )
  })

  it('carries the date, and the permissions that matter elsewhere, as they were signed', async () => {
    const flag = fc.constantFrom({}, { isExecutable: true as const })
    const isPrivate = fc.constantFrom({}, { isPrivate: true as const })
    const date = fc.integer({ min: Date.UTC(1601, 0, 1), max: Date.UTC(10_000, 0, 1) - 1 })
    const modifiedMs = fc.oneof(
      fc.constant({}),
      date.map((modifiedMs) => ({ modifiedMs }))
    )
    await fc.assert(
      fc.asyncProperty(modifiedMs, flag, isPrivate, async (...attributes) => {
        const manifest = manifestOf(Object.assign({}, ...attributes))
        const { bytes } = await signManifest(manifest, SWARM_ID, privateKey)
        assert.deepEqual((await openManifest(bytes, SWARM_ID)).manifest, manifest)
      }),
      {
        numRuns: 50,
        examples: [
          [{ modifiedMs: -1 }, {}, {}],
          [{ modifiedMs: 0 }, {}, {}]
        ]
      }
    )
  })

  it('fault 31: is refused when it is noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
        await assert.rejects(openManifest(Uint8Array.from(noise), SWARM_ID), InvalidManifestError)
      })
    )
  })

  for (const [why, fields] of [
    ['a path upwards', { path: '../up' }],
    ['an absolute path', { path: '/etc/passwd' }],
    ['a device', { path: 'folder/NUL.txt' }],
    ['no path', { path: '' }],
    ['an origin that is a path', { origin: 'a/b' }],
    ['the private folder as origin', { origin: '.potluck' }],
    ['tiny chunks', { chunkByteLength: 1 }],
    ['huge chunks', { chunkByteLength: 2 ** 30 }],
    ['more chunks than there may be', { byteLength: 2 ** 50 }],
    ['a short MD5', { md5: '00' }],
    ['a short root', { root: '00' }],
    ['a date before 1601', { modifiedMs: Date.UTC(1601, 0, 1) - 1 }],
    ['a date after 9999', { modifiedMs: Date.UTC(10_000, 0, 1) }],
    ['a date that no number holds', { modifiedMs: Number.MAX_SAFE_INTEGER }],
    [
      'a folder to execute',
      { kind: 'folder' as const, md5: '', root: '', byteLength: 0, isExecutable: true as const }
    ],
    ['a folder with content', { kind: 'folder' as const, md5: '', root: '', byteLength: 5 }]
  ] as const) {
    it(`fault 31, fault 34: is refused with ${why}`, async () => {
      const { bytes } = await signManifest(manifestOf(fields), SWARM_ID, privateKey)
      await assert.rejects(openManifest(bytes, SWARM_ID), InvalidManifestError)
    })
  }

  it('fault 41: is refused with more in it than anybody reads', async () => {
    const { bytes } = await signManifest(manifestOf({}), SWARM_ID, privateKey)
    // A field that no version has, of 4,096 bytes.
    const padding = Buffer.concat([Buffer.from([0x7a, 0x80, 0x20]), Buffer.alloc(4096)])
    await assert.rejects(
      openManifest(Uint8Array.from(Buffer.concat([bytes, padding])), SWARM_ID),
      /a manifest of \d+ bytes/
    )
    const longest = manifestOf({ origin: 'o'.repeat(64), path: `${'p'.repeat(255)}/`.repeat(8).slice(0, -1) })
    await openManifest((await signManifest(longest, SWARM_ID, privateKey)).bytes, SWARM_ID)
  })

  it('fault 23: is refused when another identity signed it', async () => {
    const { bytes } = await signManifest(manifestOf({}), SWARM_ID, await generateKeyPair('Ed25519'))
    await assert.rejects(openManifest(bytes, SWARM_ID), /not signed by its origin/)
  })

  it('fault 23: is refused when its origin signed those bytes for anything else', async () => {
    const { bytes } = await signManifest(manifestOf({}), SWARM_ID, privateKey)
    const { body } = SignedManifest.decode(bytes)
    for (const signed of [body, Buffer.concat([Buffer.from('potluck-other-v1:'), body])]) {
      const signature = Uint8Array.from(await privateKey.sign(signed))
      const other = Uint8Array.from(SignedManifest.encode({ body, signature }))
      await assert.rejects(openManifest(other, SWARM_ID), /not signed by its origin/)
    }
  })

  it('fault 34, fault 37: is refused with a sentence in which its name is harmless', async () => {
    const { bytes } = await signManifest(manifestOf({ path: 'a/\u001b[2J\u202e' }), SWARM_ID, privateKey)
    await assert.rejects(openManifest(bytes, SWARM_ID), {
      name: 'InvalidManifestError',
      message: /^a\/\\u\{1b\}\[2J\\u\{202e\}: its path has a control or invisible character$/
    })
  })

  it('fault 23: is refused when it was published in another swarm', async () => {
    const { bytes } = await signManifest(manifestOf({}), SWARM_ID, privateKey)
    await assert.rejects(openManifest(bytes, newSwarmId()), /published in another swarm/)
  })
})

describe('a swarm’s id', () => {
  it('fault 31: has its length, or is none', () => {
    assert.deepEqual(checkedSwarmId(SWARM_ID), SWARM_ID)
    for (const byteLength of [0, 15, 17, 1000]) {
      assert.throws(() => checkedSwarmId(new Uint8Array(byteLength)), ProtocolViolation)
    }
  })
})

describe('catalog', () => {
  it('holds files beside and below folders', () => {
    const manifests = ['a', 'b/c', 'b/d'].map((path) => manifestOf({ path }))
    const folder = manifestOf({ path: 'b', kind: 'folder', byteLength: 0, md5: '', root: '' })
    assert.equal(catalogProblem([...manifests, folder, ...manifests]), undefined)
  })

  it('fault 24: has no two descriptions of one file', () => {
    const twice = [manifestOf({ byteLength: 1 }), manifestOf({ byteLength: 2 })]
    assert.match(catalogProblem(twice) ?? '', /described in two ways/)
  })

  it('fault 60: has no more entries than allowed, each counted once', () => {
    const three = ['a', 'b', 'c'].map((path) => manifestOf({ path }))
    assert.equal(catalogProblem([...three, ...three], 3), undefined)
    assert.equal(catalogProblem(three, 2), 'it has more than 2 entries')
  })

  it('fault 24: has no file where another needs a folder', () => {
    const meeting = [manifestOf({ path: 'a/b/c' }), manifestOf({ path: 'a' })]
    assert.match(catalogProblem(meeting) ?? '', /ann\/a is a file/)
    assert.equal(catalogProblem([manifestOf({ path: 'ann' }), manifestOf({ path: 'ann2/x' })]), undefined)
  })

  it('has a file where another needs a folder exactly when one path begins with the other', () => {
    const part = fc.constantFrom('a', 'a!', 'a0', 'b')
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), (paths) => {
        const meets = paths.some((file) => paths.some((other) => other.startsWith(`${file}/`)))
        const problem = catalogProblem(paths.map((path) => manifestOf({ path })))
        assert.equal(problem !== undefined, meets, problem)
      })
    )
  })
})
