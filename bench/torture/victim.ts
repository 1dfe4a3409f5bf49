/**
 * A process to be killed: it runs one small transfer, and kills itself before a call of the file system that may change
 * something, or is killed from outside. Its arguments: the collection, the seed, the number of the call (0: none). It
 * prints `begun`, then a line for each completed file, and at its end how many calls there were.
 */
import { interceptFileSystem } from './intercept.ts'
import { Transfer, transferFiles } from './transfer.ts'

const [collection = '', seedText = '', lastCallText = ''] = process.argv.slice(2)
const seed = Number(seedText)
const lastCall = Number(lastCallText)
let calls = 0

interceptFileSystem(({ changes, perform }) => {
  calls += changes ? 1 : 0
  if (changes && calls === lastCall) {
    process.kill(process.pid, 'SIGKILL')
  }
  return perform()
})
process.stdout.write('begun\n')
const transfer = await Transfer.begin(collection, transferFiles(seed), (name) => {
  process.stdout.write(`complete ${name}\n`)
})
await transfer.receive(seed)
await transfer.finish()
await transfer.store.close()
process.stdout.write(`calls ${calls}\n`)
