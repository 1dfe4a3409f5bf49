/** The arguments of `potluck join` and `potluck host` that have no flag. */
import assert from 'node:assert/strict'
import { symlink, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { checkPaths, joinArguments, looksLikeInvitation } from '#potluck/cli/join-arguments.js'
import { PotluckError } from '#potluck/core/errors.js'
import { writeInvitation } from '#potluck/protocols/invitation.js'
import { inFolder } from '../fixtures/calls.js'
import { fc } from '../fixtures/properties.js'

const PEER_ID = '12D3KooWEZXjE41uU4EL2gpkAQeDXYok6wghN7wwNVPF5bwkaNfS'
const INVITATION = writeInvitation({
  addresses: ['/ip4/192.0.2.1/tcp/9000'],
  peerId: PEER_ID,
  key: new Uint8Array(32)
})
const OTHER = writeInvitation({ addresses: ['/ip4/192.0.2.2/tcp/9000'], peerId: PEER_ID, key: undefined })

function refuses(call: () => unknown, pattern: RegExp): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof PotluckError)
    assert.equal(error.code, 'CONFIGURATION')
    assert.match(error.message, pattern)
    return true
  })
}

test('the invitation is told from the paths wherever it stands', () => {
  const path = fc.stringMatching(/^[a-z]{1,8}\.jpg$/)
  fc.assert(
    fc.property(fc.array(path), fc.array(path), (before, after) => {
      assert.deepEqual(joinArguments([...before, INVITATION, ...after], false), {
        invitation: INVITATION,
        paths: [...before, ...after]
      })
    })
  )
})

test('what a chat made of an invitation is one', () => {
  for (const word of [`“${INVITATION}”`, INVITATION.toUpperCase(), ` ${INVITATION}\n`]) {
    assert.deepEqual(joinArguments([word, 'a'], false), { invitation: word, paths: ['a'] })
  }
})

test('one that is wrong is taken for an invitation, whose reader says what is wrong with it', () => {
  for (const word of [INVITATION.slice(0, 40), `${INVITATION.slice(0, -1)}q`, 'potluck2abc']) {
    assert.equal(joinArguments([word, 'a.jpg'], false).invitation, word)
    // This holds even if another invitation is available: no one may join the wrong swarm.
    assert.equal(joinArguments([word, 'a.jpg'], true).invitation, word)
  }
})

test('a file may be called like an invitation, and is a path where it is there or is written as one', async () => {
  await inFolder(async () => {
    await writeFile('potluck1abc.jpg', '')
    assert.deepEqual(joinArguments([INVITATION, 'potluck1abc.jpg'], false).paths, ['potluck1abc.jpg'])
    assert.deepEqual(joinArguments(['potluck1abc.jpg'], true).invitation, undefined)
    assert.equal(joinArguments(['./potluck1none.jpg'], true).invitation, undefined)
    assert.equal(looksLikeInvitation('potluck1abc.jpg'), false)
    assert.equal(looksLikeInvitation('potluck1none'), true)
  })
})

test('standard input is meant by "-" in the first place, and by nothing where an invitation comes from elsewhere', () => {
  assert.deepEqual(joinArguments(['-', 'a'], false), { invitation: '-', paths: ['a'] })
  assert.deepEqual(joinArguments([], true), { invitation: undefined, paths: [] })
  assert.deepEqual(joinArguments(['a', 'b'], true), { invitation: undefined, paths: ['a', 'b'] })
})

test('without an invitation it is said what the words are', async () => {
  await inFolder(async () => {
    await writeFile('Photos', '')
    refuses(() => joinArguments(['Photos'], false), /^There is no invitation: Photos is a file or folder/)
    refuses(
      () => joinArguments(['Fotos'], false),
      /^There is no invitation: Fotos is neither an invitation nor an existing file/
    )
    refuses(
      () => joinArguments(['192.0.2.1:9000', 'Photos'], false),
      /^192\.0\.2\.1:9000 is an address, not an invitation\. .*--coordinator 192\.0\.2\.1:9000/
    )
    refuses(() => joinArguments([INVITATION, 'Photos', OTHER], false), /^There are 2 invitations/)
  })
})

test('a path where nothing is comes with what may have been meant', async () => {
  await inFolder(async () => {
    await writeFile('Photos', '')
    await symlink('nowhere', 'link')
    checkPaths(['Photos', './Photos', 'link'])
    refuses(
      () => checkPaths(['Photos', 'Photo']),
      /^There is no file or folder "Photo"\. Did you mean "Photos"\?$/
    )
    refuses(() => checkPaths(['./Fotos/']), /"\.\/Fotos\/"\. Did you mean "\.\/Photos"\?$/)
    refuses(() => checkPaths(['something']), /"something"\. Check the path, or leave it out\.$/)
    refuses(() => checkPaths(['*.jpg']), /^No file or folder has a name like "\*\.jpg"\./)
    refuses(
      () => checkPaths([INVITATION]),
      /^Arguments that begin with "potluck1" are invitations, .*join potluck1…/
    )
    refuses(() => checkPaths([`a\u001b[2J`]), /"a\\u\{1b\}\[2J"|"a\\x1b|\\u001b/)
  })
})
