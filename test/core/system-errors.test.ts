/** Errors of Linux that Node has no name for. */
import assert from 'node:assert/strict'
import os from 'node:os'
import { describe, it } from 'node:test'
import { messageOf } from '#potluck/core/errors.js'
import { hasCode, systemCodeOf } from '#potluck/core/system-errors.js'
import { diskError } from '#potluck/store/disk-errors.js'
import { DiskFullError } from '#potluck/store/store.js'

/** Node's error for a number that libuv does not know. */
function unknownError(number: number): Error {
  const code = `Unknown system error -${number}`
  return Object.assign(new Error(`${code}: ${code}, write '/mnt/x'`), {
    code,
    errno: -number,
    syscall: 'write'
  })
}

describe('errors that Node has no name for', { skip: process.platform !== 'linux' }, () => {
  it('fault 50: have the names and words of Linux, in whatever is said of them', () => {
    assert.equal(systemCodeOf(unknownError(37)), 'ENOLCK')
    assert.equal(messageOf(unknownError(37)), "ENOLCK: no locks available, write '/mnt/x'")
    // As the package that locks files has it.
    const bare = Object.assign(new Error('Unknown system error -37'), { code: 'Unknown system error -37' })
    assert.equal(messageOf(bare), 'ENOLCK: no locks available')
    assert.ok(hasCode(bare, 'ENOLCK'))
    const shown = diskError(unknownError(117), 'write', '/mnt/x').message
    assert.equal(
      shown,
      'could not write /mnt/x: EUCLEAN: structure needs cleaning; the file system is damaged: unmount it and run fsck, then start again'
    )
    assert.equal(
      messageOf(unknownError(9999)),
      "Unknown system error -9999: Unknown system error -9999, write '/mnt/x'"
    )
  })

  it('fault 50: are the numbers that this system has', () => {
    for (const [code, number] of Object.entries(os.constants.errno)) {
      if (
        ['EDQUOT', 'ENOLCK', 'ESTALE', 'EBADMSG', 'EIDRM', 'EDEADLK', 'EMULTIHOP', 'ETIME'].includes(code)
      ) {
        assert.equal(systemCodeOf(unknownError(number)), code)
      }
    }
  })

  it('fault 6: a quota that is used up is a full disk', () => {
    assert.ok(diskError(unknownError(122), 'write', '/mnt/x') instanceof DiskFullError)
  })
})
