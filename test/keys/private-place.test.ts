/** Private files on file systems without permissions or hard links: exFAT, FAT, NTFS, network shares. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { SavedSwarm } from '#potluck/coordinator/saved-swarm.js'
import { StateFile } from '#potluck/coordinator/state-file.js'
import { identityFileIn, loadIdentity, loadIdentityOf } from '#potluck/keys/identity.js'
import { replacePrivateFile } from '#potluck/keys/private-file.js'
import { loadSecret, makeSecretFile } from '#potluck/keys/secret.js'
import { alterFileSystem, refusing, withoutPermissions } from '../fixtures/poor-file-system.js'
import { withFolder } from '../fixtures/secrets.js'
import { stateIn } from '../fixtures/state-folder.js'
import { failure } from '../store/fixture.js'

const NO_LINKS = refusing('EPERM', 'promises.link')

describe('a key where there are no hard links', () => {
  it('fault 50: is made once, by whichever of many is first', async (test) => {
    alterFileSystem(test, NO_LINKS)
    await withFolder(async (folder) => {
      const path = identityFileIn(join(folder, 'collection'))
      const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => loadIdentity(path)))
      assert.ok(first !== undefined)
      for (const key of [...others, await loadIdentity(path)]) {
        assert.ok(first.equals(key))
      }
      assert.equal((await stat(path)).mode & 0o777, 0o600)
      assert.deepEqual(await readdir(join(folder, 'collection', '.potluck')), ['identity.key'])
    })
  })

  it('fault 50: is made anew where a kill left an empty file of it', async (test) => {
    alterFileSystem(test, NO_LINKS)
    await withFolder(async (folder) => {
      const path = join(folder, 'identity.key')
      await writeFile(path, '', { mode: 0o600 })
      const key = await loadIdentity(path)
      assert.ok(key.equals(await loadIdentity(path)))
    })
  })

  it('fault 50: is replaced also where no file is renamed over another one', async (test) => {
    alterFileSystem(test, {
      'promises.rename': async (perform, _from, to) => {
        if (await stat(String(to)).then(Boolean, () => false)) {
          throw Object.assign(new Error('EEXIST: file already exists, rename'), { code: 'EEXIST' })
        }
        return perform()
      }
    })
    await withFolder(async (folder) => {
      const path = join(folder, 'state')
      await replacePrivateFile(path, 'one')
      await replacePrivateFile(path, 'two')
      assert.equal(await readFile(path, 'utf8'), 'two')
      assert.deepEqual(await readdir(folder), ['state'])
    })
  })
})

describe('an identity where there are no permissions', { skip: process.platform === 'win32' }, () => {
  it('fault 50: is in the state folder of its user, the same at each start, and never where others read it', async (test) => {
    await withFolder(async (folder) => {
      const [collection, state] = [join(folder, 'disk', 'got'), stateIn(test, join(folder, 'state'))]
      alterFileSystem(test, withoutPermissions(join(folder, 'disk')))
      const { privateKey, note } = await loadIdentityOf(collection)
      const [name = ''] = await readdir(state)
      const path = join(state, name, 'identity.key')
      assert.equal(note, `The identity of this peer is kept in ${path}.`)
      assert.equal((await stat(path)).mode & 0o777, 0o600)
      assert.deepEqual(await readdir(join(collection, '.potluck')), ['id'])
      assert.ok(privateKey.equals((await loadIdentityOf(collection)).privateKey))
      // Another collection is another peer.
      const other = await loadIdentityOf(join(folder, 'disk', 'other'))
      assert.ok(!privateKey.equals(other.privateKey))
    })
  })

  it('fault 50: that an earlier version made there is kept, and moved', async (test) => {
    await withFolder(async (folder) => {
      const collection = join(folder, 'disk', 'got')
      stateIn(test, join(folder, 'state'))
      const earlier = await generateKeyPair('Ed25519')
      await mkdir(join(collection, '.potluck'), { recursive: true })
      await writeFile(identityFileIn(collection), privateKeyToProtobuf(earlier), { mode: 0o666 })
      alterFileSystem(test, withoutPermissions(join(folder, 'disk')))
      assert.ok(earlier.equals((await loadIdentityOf(collection)).privateKey))
      assert.deepEqual(await readdir(join(collection, '.potluck')), ['id'])
      assert.ok(earlier.equals((await loadIdentityOf(collection)).privateKey))
    })
  })

  it('fault 50: is for one run where the state folder cannot be used, and says so', async (test) => {
    await withFolder(async (folder) => {
      const inTheWay = join(folder, 'a-file')
      await writeFile(inTheWay, '')
      stateIn(test, inTheWay)
      alterFileSystem(test, withoutPermissions(join(folder, 'disk')))
      const { note } = await loadIdentityOf(join(folder, 'disk', 'got'))
      assert.match(note ?? '', /is for this run only \(ENOTDIR.*"identityFile"/)
    })
  })

  it('fault 38: stays where it is on a disk that keeps permissions, and is refused there when others can read it', async (test) => {
    await withFolder(async (folder) => {
      const state = stateIn(test, join(folder, 'state'))
      const { note } = await loadIdentityOf(folder)
      assert.equal(note, undefined)
      await assert.rejects(readdir(state))
      await writeFile(identityFileIn(folder), 'x')
      await rm(identityFileIn(folder))
      await writeFile(identityFileIn(folder), privateKeyToProtobuf(await generateKeyPair('Ed25519')), {
        mode: 0o644
      })
      await assert.rejects(loadIdentityOf(folder), failure('CONFIGURATION', 'chmod 600 '))
    })
  })
})

describe('a secret where there are no permissions', { skip: process.platform === 'win32' }, () => {
  it('fault 50: is not made, and not taken, with advice that works there', async (test) => {
    await withFolder(async (folder) => {
      const path = join(folder, 'secret.txt')
      await makeSecretFile(path)
      alterFileSystem(test, withoutPermissions(folder))
      await assert.rejects(
        loadSecret({ secretFile: path, line: undefined }),
        failure('CONFIGURATION', 'keeps no permissions: move the file to a folder on another file system')
      )
      const other = join(folder, 'other.txt')
      await assert.rejects(
        makeSecretFile(other),
        failure('CONFIGURATION', 'keeps no permissions', 'home folder')
      )
      assert.deepEqual(await readdir(folder), ['secret.txt'])
    })
  })
})

describe('the state of a coordinator where there are no permissions', {
  skip: process.platform === 'win32'
}, () => {
  it('fault 50: is in the state folder of its user, found again and removed there', async (test) => {
    await withFolder(async (folder) => {
      const state = stateIn(test, join(folder, 'state'))
      alterFileSystem(test, withoutPermissions(join(folder, 'disk')))
      await mkdir(join(folder, 'disk'))
      const wanted = join(folder, 'disk', 'coordinator.state')
      const file = await StateFile.at(wanted)
      assert.equal(file.insteadOf, wanted)
      assert.ok(file.path.startsWith(state))
      const swarm: SavedSwarm = {
        clockZeroUnixMs: 0,
        swarmId: Uint8Array.of(1),
        chunkByteLength: 1024,
        privateKey: Uint8Array.of(2),
        runSecret: undefined,
        catalogAtMs: undefined,
        members: []
      }
      await file.write(swarm)
      const again = await StateFile.at(wanted)
      assert.equal((await again.load(() => 0))?.chunkByteLength, 1024)
      assert.deepEqual(await readdir(join(folder, 'disk')), [])
      await again.remove()
      assert.equal(await (await StateFile.at(wanted)).load(() => 0), undefined)
    })
  })
})
