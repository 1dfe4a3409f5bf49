import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ListBudget } from '#potluck/coordinator/swarm/list-budget.js'

const MIB = 1024 * 1024
const PAGE = [new Uint8Array(MIB)]

/** Adds pages until one is refused. @returns how many were taken, and why no more were */
function fill(budget: ListBudget, peerId: string): [number, string] {
  for (let pages = 0; pages < 1000; pages++) {
    try {
      budget.add(peerId, PAGE)
    } catch (error) {
      return [pages, String(error)]
    }
  }
  return assert.fail('a list without an end')
}

describe('the budget of file lists', () => {
  it('fault 52: bounds one list without an end, and says what to do', () => {
    const [pages, reason] = fill(new ListBudget(64 * MIB, () => 4), 'eve')
    assert.equal(pages, 32)
    assert.match(reason, /^Error: its list of files would take more than 32 MiB; share an archive instead/)
  })

  it('fault 52: bounds all lists, and leaves every member its even share', () => {
    const budget = new ListBudget(64 * MIB, () => 4)
    assert.deepEqual(
      ['eve', 'mallory', 'ann', 'ben'].map((name) => fill(budget, name)[0]),
      [32, 32, 16, 16]
    )
    assert.match(fill(budget, 'ann')[1], /^Error: the lists of all peers would take more than 64 MiB/)
  })

  it('fault 52: has room again when a list is begun anew or its member left', () => {
    const budget = new ListBudget(64 * MIB, () => 4)
    fill(budget, 'eve')
    fill(budget, 'mallory')
    budget.forget('eve')
    assert.equal(fill(budget, 'ann')[0], 32)
  })
})
