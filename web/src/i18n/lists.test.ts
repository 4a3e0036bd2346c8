import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import en from './en.json'
import { interestTree } from './interests'
import { spokenLanguages } from './languages'
import { loadPrompts } from './prompts'
import { loadTasks } from './tasks'

/** The server's own lists, as its code spells them. */
const code = (name: string) =>
  readFileSync(resolve(import.meta.dirname, '../../../internal', name, 'lists.go'), 'utf8')
const server = code('profile') + code('verification')

const words = (go: string | undefined) => [...(go ?? '').matchAll(/"(\w+)"/g)].map((m) => m[1])
const list = (name: string) =>
  words(server.match(new RegExp(`${name}\\s+= \\[\\]string\\{([^}]*)\\}`))?.[1])

it('has the tree of interests that the server has', () => {
  const tree = server.slice(server.indexOf('var Tree'), server.indexOf('// Interests are'))
  const theirs = [...tree.matchAll(/\{"(\w+)", \[\]string\{([^}]*)\}\}/g)].map((m) => ({
    group: m[1],
    interests: words(m[2]),
  }))
  expect(theirs.length).toBeGreaterThan(8)
  expect(interestTree).toEqual(theirs)
})

it('has a word for every interest and every group, and none too many', () => {
  const keys = interestTree.flatMap((branch) => branch.interests)
  expect(Object.keys(en.interest).sort()).toEqual([...keys].sort())
  expect(Object.keys(en.interestGroup)).toEqual(interestTree.map((branch) => branch.group))
})

it('knows the languages that the server knows', () => {
  expect(spokenLanguages).toEqual(list('Spoken'))
})

it('names what people say of themselves', () => {
  expect(Object.keys(en.person.gender)).toEqual(list('Genders'))
  expect(Object.keys(en.person.intent)).toEqual(list('Intents'))
  expect(Object.keys(en.people.work.open)).toEqual(list('OpenTo'))
})

it.each(['en', 'it', 'zh'])('has a card for every prompt in %s', async (language) => {
  const cards = await loadPrompts(language)
  expect(Object.keys(cards)).toEqual(list('Prompts'))
  expect(new Set(Object.values(cards)).size).toBe(36)
  for (const text of Object.values(cards)) expect(text.length).toBeLessThan(90)
})

it.each(['en', 'it', 'zh'])('says in %s what verifying asks for', async (language) => {
  const tasks = await loadTasks(language)
  expect(Object.keys(tasks.words)).toEqual(list('Words'))
  expect(Object.keys(tasks.poses)).toEqual(list('Poses'))
  expect(Object.keys(tasks.reasons)).toEqual(list('Reasons'))
  expect(new Set(Object.values(tasks.words)).size).toBe(64)
})
