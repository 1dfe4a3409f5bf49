import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { addressSpaceProblem } from '#potluck/cli/address-space.js'

const NEEDED = 2 * 1024 ** 3

function limits(value: string): string {
  return `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max address space         ${value.padEnd(20)} unlimited            bytes     
`
}

describe('the address space of a process', () => {
  it('fault 55: is told when it is too little, with what to do', () => {
    assert.equal(
      addressSpaceProblem(limits('1610612736'), NEEDED),
      'this process may use 1.5 GiB of address space (ulimit -v), and needs 2.0 GiB; raise the limit, or lift it with "ulimit -v unlimited"'
    )
  })

  it('is enough where it is large, without a limit, or not known', () => {
    for (const text of [limits('2147483648'), limits('unlimited'), '']) {
      assert.equal(addressSpaceProblem(text, NEEDED), undefined)
    }
  })

  it('fault 55: lets Noise and MD5 load without room for WebAssembly', {
    skip: process.platform !== 'linux'
  }, () => {
    const script = `
      import '#potluck/polyfill.js'
      import { createHash, randomBytes } from 'node:crypto'
      import { loadNoise } from '#potluck/node/host/noise.js'
      import { Md5 } from '#potluck/store/md5/md5.js'
      import { Md5Lanes } from '#potluck/store/md5/md5-lanes.js'
      import { instantiateMd5 } from '#potluck/store/md5/md5-module.js'
      const bytes = randomBytes(100_000)
      const md5 = new Md5(new Md5Lanes())
      md5.update(bytes)
      let hasWasm = true
      try { instantiateMd5(64) } catch { hasWasm = false }
      const isRight = md5.digest() === createHash('md5').update(bytes).digest('hex')
      console.log(hasWasm, typeof (await loadNoise()).noise, isRight)`
    // Of bash, since other shells have no such limit.
    const command = `ulimit -v 3000000 && exec ${process.execPath} --input-type=module -e "$SCRIPT"`
    const { stdout, stderr } = spawnSync('bash', ['-c', command], {
      encoding: 'utf8',
      env: { ...process.env, SCRIPT: script }
    })
    assert.equal(stdout, 'false function true\n', stderr)
  })
})
