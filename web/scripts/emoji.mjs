// Makes the emoji of the picker anew, from emojibase-data: `npm run emoji`. src/features/chats/emoji.json
// has each with its group, the version of Emoji that brought it and its skin tones; emoji.LANGUAGE.json
// beside it has the words of a language for them, in the same order.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const from = 'emojibase-data@17.0.0'
const languages = ['en', 'it', 'zh']
const into = fileURLToPath(new URL('../src/features/chats', import.meta.url))
/** Of frimousse, by emojibase's number. */
const tones = ['light', 'medium-light', 'medium', 'medium-dark', 'dark']

const at = mkdtempSync(join(tmpdir(), 'emoji-'))
execFileSync('npm', ['install', '--prefix', at, '--no-save', '--no-audit', '--no-fund', from])
const read = (name) =>
  JSON.parse(readFileSync(join(at, 'node_modules/emojibase-data', `${name}.json`), 'utf8'))
const write = (name, what) => {
  // A line each: a change of one is seen as one.
  const lines = Object.entries(what).map(([key, value]) =>
    Array.isArray(value)
      ? `${JSON.stringify(key)}:[\n${value.map((one) => JSON.stringify(one)).join(',\n')}]`
      : `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  )
  writeFileSync(join(into, name), `{${lines.join(',\n')}}\n`)
}
const title = (words) => words.charAt(0).toLocaleUpperCase() + words.slice(1)

/** Skin tones and single letters of flags are parts of emoji, and none themselves. */
const component = read('en/messages').groups.find(({ key }) => key === 'component').order
const order = read('en/data')
  .filter(({ group }) => group !== undefined && group !== component)
  .sort((a, b) => a.order - b.order)

write('emoji.json', {
  emoji: order.map(({ emoji, group, version, skins = [] }) => {
    const one = skins.filter(({ tone }) => typeof tone === 'number')
    const toned = tones.map((_, i) => one.find(({ tone }) => tone === i + 1)?.emoji)
    return toned.includes(undefined)
      ? [emoji, `${group}`, `${version}`]
      : [emoji, `${group}`, `${version}`, ...toned]
  }),
})
for (const language of languages) {
  const words = new Map(read(`${language}/data`).map((one) => [one.hexcode, one]))
  write(`emoji.${language}.json`, {
    words: order.map(({ hexcode }) => {
      const { label, tags = [] } = words.get(hexcode)
      return [title(label), ...new Set(tags.filter((tag) => tag !== label))]
    }),
  })
}
rmSync(at, { recursive: true })
