import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { PotluckError } from '#potluck/index.js'
import { identityFileIn, loadIdentity } from '#potluck/keys/identity.js'
import { loadSecret, makeSecretBytes, makeSecretFile, secretOf } from '#potluck/keys/secret.js'
import { withFolder } from '../fixtures/secrets.js'

const STATEMENT = new TextEncoder().encode('something to prove')

/** Everything that an error could show to anybody. */
function told(error: unknown): string {
  return inspect(error, { depth: 10, showHidden: true })
}

function refused(pattern: RegExp, hidden = 'nothing that is in any text'): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PotluckError)
    assert.equal(error.exitCode, 2)
    assert.match(error.message, pattern)
    assert.ok(!told(error).includes(hidden), 'the value is told')
    return true
  }
}

describe('a secret file', () => {
  it('fault 38: is made for its owner alone, with 256 bits in one line, and never over another one', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'secret')
      await makeSecretFile(path)
      const line = await readFile(path, 'utf8')
      assert.match(line, /^potluck-secret-[\w-]{43}\n$/)
      if (process.platform !== 'win32') {
        assert.equal((await stat(path)).mode & 0o777, 0o600)
      }
      await assert.rejects(makeSecretFile(path), refused(/exists already/, line.trim()))
      assert.equal(await readFile(path, 'utf8'), line)
      await makeSecretFile(join(folder, 'other'))
      assert.notEqual(await readFile(join(folder, 'other'), 'utf8'), line)
    })
  })

  it('makes the same proofs wherever it is read, from a file or from the line itself', async () => {
    await withFolder(async (folder) => {
      const paths = [join(folder, 'a'), join(folder, 'b')] as const
      await Promise.all(paths.map(makeSecretFile))
      const [a, again, b] = await Promise.all(
        [paths[0], paths[0], paths[1]].map((secretFile) => loadSecret({ secretFile, line: undefined }))
      )
      const line = await readFile(paths[0], 'utf8')
      const ofLine = await loadSecret({ secretFile: undefined, line })
      assert.ok(a !== undefined && again !== undefined && b !== undefined && ofLine !== undefined)
      const proof = a.proofOf(STATEMENT)
      assert.equal(proof.byteLength, 32)
      assert.ok(again.isProof(proof, STATEMENT) && ofLine.isProof(proof, STATEMENT))
      assert.ok(!b.isProof(proof, STATEMENT))
      assert.ok(!a.isProof(proof.subarray(1), STATEMENT) && !a.isProof(new Uint8Array(), STATEMENT))
      const first = await loadSecret({ secretFile: paths[1], line })
      assert.ok(first?.isProof(b.proofOf(STATEMENT), STATEMENT), 'a file goes before the environment')
      assert.equal(await loadSecret({ secretFile: undefined, line: undefined }), undefined)
    })
  })

  it('fault 38: is refused when group or others can read or write it', {
    skip: process.platform === 'win32' ? 'no such modes' : false
  }, async () => {
    await withFolder(async (folder) => {
      const secretFile = join(folder, 'secret')
      await makeSecretFile(secretFile)
      for (const mode of [0o640, 0o604, 0o620, 0o602, 0o666]) {
        await chmod(secretFile, mode)
        await assert.rejects(
          loadSecret({ secretFile, line: undefined }),
          refused(new RegExp(`chmod 600 ${secretFile}`))
        )
      }
      await chmod(secretFile, 0o400)
      assert.ok(await loadSecret({ secretFile, line: undefined }))
    })
  })

  it('fault 38: is refused when it holds something else, which is shown to nobody', async () => {
    await withFolder(async (folder) => {
      const secretFile = join(folder, 'secret')
      const almost = `potluck-secret-${'A'.repeat(42)}`
      for (const text of [
        'correct horse battery staple',
        'f00dfeed'.repeat(8),
        `${almost}`,
        `${almost}AA`,
        `${almost}B`,
        `potluck-secret-${'+'.repeat(43)}`,
        `${almost}A\n${almost}A`
      ]) {
        await writeFile(secretFile, text, { mode: 0o600 })
        const hidden = text.slice(0, 24)
        await assert.rejects(
          loadSecret({ secretFile, line: undefined }),
          refused(/does not hold a secret of Potluck; make one with/, hidden)
        )
        await assert.rejects(
          loadSecret({ secretFile: undefined, line: text }),
          refused(/^POTLUCK_SECRET does not hold a secret/, hidden)
        )
      }
      await assert.rejects(loadSecret({ secretFile: undefined, line: '' }), refused(/POTLUCK_SECRET/))
      await assert.rejects(
        loadSecret({ secretFile: join(folder, 'none'), line: undefined }),
        refused(/there is no secret file .*none/)
      )
      await assert.rejects(loadSecret({ secretFile: folder, line: undefined }), refused(/is not a key file/))
      await writeFile(secretFile, `${' '.repeat(5000)}${almost}A`, { mode: 0o600 })
      await assert.rejects(loadSecret({ secretFile, line: undefined }), refused(/is not a key file/))
    })
  })

  it('fault 38: is not taken for the name of its file, nor shown then', async () => {
    const secret = `potluck-secret-${'c2'.repeat(21)}A`
    await assert.rejects(
      loadSecret({ secretFile: secret, line: undefined }),
      refused(/is itself a secret/, secret)
    )
    await assert.rejects(makeSecretFile(`/somewhere/${secret}`), refused(/is itself a secret/, secret))
  })

  it('fault 38: shows nothing of itself', async () => {
    await withFolder(async (folder) => {
      const secretFile = join(folder, 'file')
      await makeSecretFile(secretFile)
      const secret = await loadSecret({ secretFile, line: undefined })
      const [, encoded = ''] = /secret-(.*)\n/.exec(await readFile(secretFile, 'utf8')) ?? []
      const key = Buffer.from(encoded, 'base64url')
      for (const shown of [told(secret), JSON.stringify(secret), String(secret)]) {
        assert.doesNotMatch(shown, /Buffer|Uint8Array/)
        for (const form of ['base64url', 'base64', 'hex', 'latin1'] as const) {
          assert.ok(!shown.includes(key.toString(form)))
        }
      }
    })
  })
})

describe('the key of an invitation', () => {
  it('fault 40: is another one for each secret, coordinator and swarm, and not the secret', () => {
    const bytes = new Uint8Array(32).fill(1)
    const [secret, again, other] = [secretOf(bytes), secretOf(bytes), secretOf(makeSecretBytes())]
    const swarm = { coordinatorId: 'a', swarmId: Uint8Array.of(1, 2) }
    const key = secret.invitationKey(swarm)
    assert.equal(key.byteLength, 32)
    assert.deepEqual(again.invitationKey(swarm), key)
    for (const others of [
      other.invitationKey(swarm),
      secret.invitationKey({ ...swarm, coordinatorId: 'b' }),
      secret.invitationKey({ ...swarm, swarmId: Uint8Array.of(1, 3) }),
      secretOf(key).invitationKey(swarm),
      bytes
    ]) {
      assert.notDeepEqual(others, key)
    }
    const proof = secretOf(key).proofOf(STATEMENT)
    assert.ok(
      !secret.isProof(proof, STATEMENT) && !secretOf(key).isProof(secret.proofOf(STATEMENT), STATEMENT)
    )
    // HKDF-SHA-256 as in docs/protocol.md; another implementation gets the same result.
    const info = 'potluck-invitation-v1 a'
    const extracted = createHmac('sha256', swarm.swarmId).update(bytes).digest()
    assert.deepEqual(Buffer.from(key), createHmac('sha256', extracted).update(`${info}\u0001`).digest())
  })
})

describe('an identity', () => {
  it('fault 38: is made once, for its owner alone', async () => {
    await withFolder(async (folder) => {
      const path = identityFileIn(join(folder, 'collection'))
      const [made, again] = await Promise.all([loadIdentity(path), loadIdentity(path)])
      assert.equal(made.type, 'Ed25519')
      assert.ok(made.equals(again), 'of two that start at once, both have the same')
      assert.ok(made.equals(await loadIdentity(path)))
      if (process.platform !== 'win32') {
        assert.equal((await stat(path)).mode & 0o777, 0o600)
      }
    })
  })

  it('fault 38: is refused when others can read it, or when it is none, whatever it is', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'identity.key')
      await writeFile(path, 'hunter2 hunter2 hunter2', { mode: 0o600 })
      await assert.rejects(loadIdentity(path), refused(/does not hold an identity/, 'hunter2'))
      const other = privateKeyToProtobuf(await generateKeyPair('secp256k1'))
      await writeFile(path, other, { mode: 0o600 })
      await assert.rejects(loadIdentity(path), refused(/does not hold an identity/))
      if (process.platform !== 'win32') {
        await chmod(path, 0o644)
        await assert.rejects(loadIdentity(path), refused(/chmod 600 /))
      }
    })
  })
})
