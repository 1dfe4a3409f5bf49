/** Names that an attacker would choose. */
import fc from 'fast-check'

const hostileName = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '.potluck',
    '.POTLUCK',
    'con',
    'nul.txt',
    'C:',
    '~',
    'link',
    'parts',
    'a',
    'A',
    'b'
  ),
  fc.constantFrom(
    '\0',
    '\u001b[2J',
    'a\u202eb',
    '..\\..',
    '\\\\server',
    '%2e%2e',
    '．．',
    'a.',
    ' a',
    '\ud800'
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', ':', '\0', ' '), maxLength: 8 })
)

export const hostilePath = fc
  .tuple(fc.constantFrom('', '', '', '/', '//', '\\'), fc.array(hostileName, { minLength: 1, maxLength: 5 }))
  .map(([start, names]) => start + names.join('/'))

export const hostileEntry = fc.record({
  origin: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('ann', 'link') },
    { weight: 1, arbitrary: hostilePath }
  ),
  path: hostilePath
})
