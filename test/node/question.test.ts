/** Whether a person is asked before a peer fetches, and about what. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { Catalog } from '#potluck/node/catalog.js'
import { type QuestionInit, questionOf } from '#potluck/node/question.js'
import type { Manifest } from '#potluck/protocols/manifest/index.js'

const CHUNK = 1024

function manifestOf(
  origin: string,
  path: string,
  chunkCount: number,
  kind: 'file' | 'folder' = 'file'
): Manifest {
  const ids = { originId: `id-${origin}`, md5: 'm', root: `${origin}/${path}` }
  return { kind, origin, path, byteLength: chunkCount * CHUNK, chunkByteLength: CHUNK, ...ids }
}

function contentOf({ root, byteLength }: Manifest, heldCount: number, wanted = true) {
  const held = new Bitfield(byteLength / CHUNK)
  for (let index = 0; index < heldCount; index++) {
    held.add(index)
  }
  return { key: root, root, byteLength, held: held.toBytes(), digestsKnown: true, wanted }
}

const A = manifestOf('ann', 'a', 10)
const B = manifestOf('ann', 'b', 5)
const C = manifestOf('cat', 'c', 8)
const OWN = manifestOf('ben', 'own', 7)

function init(changes: Partial<QuestionInit> = {}): QuestionInit {
  const catalog = new Catalog(({ path }) => path !== 'b')
  catalog.add([A, B, manifestOf('ann', 'folder', 0, 'folder'), C, OWN], 'ben')
  const contents = [contentOf(A, 4), contentOf(B, 1, false), contentOf(C, 8, false), contentOf(OWN, 7, false)]
  return {
    catalog,
    contents,
    chunkByteLength: CHUNK,
    name: 'ben',
    askAbove: 0,
    freeBytes: undefined,
    ...changes
  }
}

describe('a question', () => {
  it('has what is missing of what is wanted, by peer', () => {
    assert.deepEqual(questionOf(init()), {
      missingBytes: 6 * CHUNK,
      peers: [
        {
          name: 'ann',
          files: 2,
          byteLength: 15 * CHUNK,
          wanted: { files: 1, byteLength: 10 * CHUNK },
          hereBytes: 4 * CHUNK
        },
        {
          name: 'cat',
          files: 1,
          byteLength: 8 * CHUNK,
          wanted: { files: 1, byteLength: 8 * CHUNK },
          hereBytes: 8 * CHUNK
        }
      ]
    })
  })

  it('is asked above a limit, and where the disk has no room for all', () => {
    const isAsked = (changes: Partial<QuestionInit>) => questionOf(init(changes)) !== undefined
    assert.ok(isAsked({ askAbove: 6 * CHUNK - 1 }))
    assert.ok(!isAsked({ askAbove: 6 * CHUNK }))
    assert.ok(isAsked({ askAbove: 6 * CHUNK, freeBytes: 6 * CHUNK - 1 }))
    assert.ok(!isAsked({ askAbove: 6 * CHUNK, freeBytes: 6 * CHUNK }))
    assert.ok(!isAsked({ contents: [contentOf(A, 10, false)] }), 'nothing is missing')
  })

  it('counts files that found no room as what there is no room for', () => {
    const { catalog, ...others } = init({ askAbove: 6 * CHUNK, freeBytes: 7 * CHUNK })
    assert.equal(questionOf({ catalog, ...others }), undefined)
    catalog.fail(C)
    assert.equal(questionOf({ catalog, ...others })?.freeBytes, 7 * CHUNK)
  })
})
