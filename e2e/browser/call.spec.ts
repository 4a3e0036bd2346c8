import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Person } from './person.ts'
import { A, B, expect, test, TONES } from './test.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/resident/voices/intro/theo.opus'),
)

const heading = (who: Person, name: RegExp) =>
  who.page.getByRole('heading', { name }).filter({ visible: true }).first()

async function talkNow(who: Person): Promise<void> {
  await who.page.goto(`${who.url}/call`)
  await who.press('Talk now')
}

test('two strangers are brought together, hear each other and nobody else, go on, and like each other', async ({
  member,
}) => {
  test.setTimeout(120_000)
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  await ada.canBeMet('woman', voice)
  await ben.canBeMet('man', voice)

  await test.step('both look for somebody, and are asked', async () => {
    await talkNow(ada)
    await expect(heading(ada, /^Looking for someone who fits$/)).toBeVisible()
    await talkNow(ben)
    await expect(heading(ada, /Ben.? could talk now$/)).toBeVisible()
    await expect(heading(ben, /Ada.? could talk now$/)).toBeVisible()
    await ada.press('Say hello')
    await ben.hearsNothing(A, 'Ben has not said yes yet', 700)
    await ben.press('Say hello')
  })

  await test.step('each hears the other and not themselves', async () => {
    await ada.hears(B, 'Ada hears Ben')
    await ben.hears(A, 'Ben hears Ada')
    await ada.hearsNothing(A, 'Ada does not hear herself', 500)
    await expect(heading(ada, /^With .?Ben.?$/)).toBeVisible()
    await expect(ada.page.getByRole('timer', { name: 'Time left' })).toContainText(/^[67]:/)
  })

  await test.step('Ben mutes himself, and is silent', async () => {
    await ben.press('Mute microphone')
    await expect(ada.page.getByText(/^.?Ben.? is muted$/).first()).toBeVisible()
    await ada.page.waitForTimeout(500)
    await ada.hearsNothing(B, 'Ben is muted', 700)
    await ben.press('Unmute microphone')
    await ada.hears(B, 'Ada hears Ben again')
  })

  await test.step('three more minutes come when both ask', async () => {
    await ada.press('Ask for three more minutes')
    await ben.press('Ask for three more minutes')
    await expect(ada.page.getByRole('timer', { name: 'Time left' })).toContainText(/^(9|10):/)
    await expect(ben.page.getByRole('timer', { name: 'Time left' })).toContainText(/^(9|10):/)
  })

  await test.step('after a reload Ada comes back with one tap', async () => {
    await ada.page.reload()
    await ada.press('Come back')
    await ada.hears(B, 'Ada hears Ben after she came back')
    await ben.hears(A, 'Ben hears Ada after she came back')
  })

  await test.step('two hearts are a match, told to both', async () => {
    await ada.press('Leave the call')
    await expect(heading(ben, /^How was it with .?Ada.?\?$/)).toBeVisible()
    await ben.hearsNothing(A, 'the call is over', 700)
    await ada.press('Heart')
    await ben.page.waitForTimeout(500)
    await expect(ben.page.getByRole('dialog', { name: /like each other$/ })).toBeHidden()
    await ben.press('Heart')
    for (const who of [ada, ben]) {
      await expect(who.page.getByRole('dialog', { name: /like each other$/ })).toBeVisible()
    }
  })
})

test('six people make three calls, each hears only the other of theirs, and who passed is not met again', async ({
  member,
}) => {
  test.setTimeout(240_000)
  const people: Person[] = []
  for (const [i, hz] of TONES.entries()) {
    const who = await member(`Voice ${i + 1}`, { hz })
    await who.canBeMet(i % 2 ? 'man' : 'woman', voice)
    people.push(who)
  }
  for (const who of people) await talkNow(who)
  const other = new Map<Person, Person>()
  for (const who of people) {
    const title = heading(who, /Voice \d.? could talk now$/)
    await expect(title).toBeVisible({ timeout: 30_000 })
    const n = Number(/Voice (\d)/.exec((await title.textContent()) ?? '')?.[1])
    const them = people[n - 1]
    if (!them) throw new Error(`nobody is called Voice ${n}`)
    other.set(who, them)
    await who.press('Say hello')
  }
  for (const who of people) {
    const them = other.get(who)
    expect(them && other.get(them), 'both were asked about each other').toBe(who)
    if (them) await who.hears(them.hz, `${who.name} hears ${them.name}`)
    for (const stranger of people.filter((p) => p !== them)) {
      expect(await who.lastHeard(stranger.hz), `${who.name} and ${stranger.name}`).toBe(0)
    }
  }

  const [first] = people
  const them = first && other.get(first)
  if (!first || !them) throw new Error('nobody talks')
  for (const who of people.filter((p) => p !== first && p !== them)) await who.page.goto('about:blank')
  await first.press('Leave the call')
  await first.press('Pass')
  await them.press('Heart')
  for (const who of [first, them]) {
    await who.press('Look for someone else')
    await expect(heading(who, /^Looking for someone who fits$/)).toBeVisible()
  }
  await first.page.waitForTimeout(8000)
  for (const who of [first, them]) {
    await expect(heading(who, /^Looking for someone who fits$/)).toBeVisible()
  }
})
