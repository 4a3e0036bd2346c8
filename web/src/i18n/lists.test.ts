import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { catalogue } from '../testing/catalogues'
import { languages } from '.'
import en from './en.json'
import { interestTree } from './interests'
import { loadPrompts } from './prompts'
import { loadTasks } from './tasks'
import {
  callPrivacyKeys,
  categoryKeys,
  declineReasonKeys,
  genderKeys,
  intentKeys,
  interestKeys,
  phraseWordKeys,
  promptKeys,
  reportReasonKeys,
  selfiePoseKeys,
  workOfferKeys,
} from './vocabulary.gen'

// A language is files; these are all the places that have one for each.
it.each(['.', 'icebreakers', 'prompts', 'tasks'])(
  'has a file in %s for each language of the server, and no other',
  (folder) => {
    const files = readdirSync(`${import.meta.dirname}/${folder}`).filter((f) => f.endsWith('.json'))
    expect(files.sort()).toEqual(languages.map((tag) => `${tag}.json`).sort())
  },
)

// It is read where no catalogue is; a language that is not in it is shown English.
it('describes itself in the manifest as in the catalogues', () => {
  const file = `${import.meta.dirname}/../../public/manifest.webmanifest`
  const { description, description_localized } = JSON.parse(readFileSync(file, 'utf8'))
  const described: [string, string][] = Object.entries({
    en: description,
    ...description_localized,
  })
  expect(described.length).toBeGreaterThan(1)
  for (const [language, text] of described) expect(catalogue(language).get('app.about')).toBe(text)
})

it('has a word for every interest and every group, and none too many', () => {
  expect(Object.keys(en.interest).sort()).toEqual([...interestKeys].sort())
  expect(Object.keys(en.interestGroup)).toEqual(interestTree.map((branch) => branch.group))
})

it('has words for every key of the server', () => {
  expect(Object.keys(en.person.gender)).toEqual(genderKeys)
  expect(Object.keys(en.person.intent)).toEqual(intentKeys)
  expect(Object.keys(en.people.work.open)).toEqual(workOfferKeys)
  expect(Object.keys(en.category).sort()).toEqual([...categoryKeys].sort())
  expect(Object.keys(en.people.safety.because).sort()).toEqual([...reportReasonKeys].sort())
  expect(Object.keys(en.call.privacy)).toEqual(expect.arrayContaining([...callPrivacyKeys]))
})

it.each([...languages])('has a card for every prompt in %s', async (language) => {
  const cards = await loadPrompts(language)
  expect(Object.keys(cards)).toEqual(promptKeys)
  expect(new Set(Object.values(cards)).size).toBe(promptKeys.length)
  for (const text of Object.values(cards)) expect(text.length).toBeLessThan(90)
})

it.each([...languages])('says in %s what verifying asks for', async (language) => {
  const tasks = await loadTasks(language)
  expect(Object.keys(tasks.words)).toEqual(phraseWordKeys)
  expect(Object.keys(tasks.poses)).toEqual(selfiePoseKeys)
  expect(Object.keys(tasks.reasons)).toEqual(declineReasonKeys)
  expect(new Set(Object.values(tasks.words)).size).toBe(phraseWordKeys.length)
})
