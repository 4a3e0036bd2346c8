import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Person } from './person.ts'
import { A, B, expect, MORE, test } from './test.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

const heading = (who: Person, name: RegExp) =>
  who.page.getByRole('heading', { name }).filter({ visible: true }).first()

const clock = (who: Person) => who.page.getByRole('timer', { name: 'Time left' })
const moment = (who: Person) => heading(who, /like each other$/)

/** Does something with each at the same time. */
const each = <T, R>(all: readonly T[], does: (one: T) => Promise<R>) => Promise.all(all.map(does))

test('six strangers become three pairs, of whom each hears one other and nobody else', async ({
  someone,
}) => {
  test.setTimeout(150_000)
  const women = ['Ada', 'Cleo', 'Eve']
  const names = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn']
  const tones = [A, B, ...MORE]

  // Browsers start one after the other: all at once they would starve each other.
  const six: Person[] = []
  for (const [i, name] of names.entries()) {
    const who = await someone(name, { hz: tones[i], calm: true })
    await who.register()
    await who.canBeMet(women.includes(name) ? 'woman' : 'man', voice)
    await who.page.goto(`${who.url}/call`)
    await expect(who.button('Talk now')).toBeVisible()
    six.push(who)
  }
  const pairs: [Person, Person][] = []

  await test.step('all look for somebody, and each says hello when asked', async () => {
    await each(six, async (who) => {
      await who.press('Talk now')
      await who.press('Say hello')
    })
  })

  await test.step('the screens name three pairs', async () => {
    const named = new Map<Person, Person>()
    await each(six, async (who) => {
      const title = heading(who, /^With /)
      await expect(title).toBeVisible({ timeout: 20_000 })
      const text = await title.textContent()
      const other = six.find((one) => text?.includes(one.name))
      if (!other) throw new Error(`${who.name} is with somebody else: ${text}`)
      named.set(who, other)
    })
    for (const [who, other] of named) {
      expect(named.get(other)?.name, `${who.name} is with ${other.name}`).toBe(who.name)
      if (six.indexOf(who) < six.indexOf(other)) pairs.push([who, other])
    }
    expect(pairs).toHaveLength(3)
  })

  await test.step('each hears the one whom the screen names, and nobody else ever', async () => {
    await each([...pairs, ...pairs.map(([a, b]) => [b, a] as const)], async ([who, other]) => {
      await who.hears(other.hz, `${who.name} hears ${other.name}`)
      await who.page.waitForTimeout(2000)
      await who.hears(other.hz, `${who.name} still hears ${other.name}`)
      for (const { name, hz } of six) {
        if (hz === other.hz) continue
        expect(await who.lastHeard(hz), `${who.name}, with ${other.name}, hears ${name}`).toBe(0)
      }
    })
  })

  const [[ada, hers], second, [passes, passed]] = pairs as [
    [Person, Person],
    [Person, Person],
    [Person, Person],
  ]

  await test.step('one pair goes on for three minutes, the others do not', async () => {
    await each([ada, hers], (who) => who.press(/Ask for 3 more minutes/))
    for (const who of [ada, hers]) await expect(clock(who)).toContainText(/^(9|10):/)
    for (const who of [...second, passes, passed]) await expect(clock(who)).toContainText(/^[67]:/)
  })

  await test.step('one of each leaves, and the other is asked how it was', async () => {
    await each(pairs, async ([who, other]) => {
      await who.press('Leave the call')
      for (const [one, with_] of [
        [who, other],
        [other, who],
      ] as const) {
        await expect(
          heading(one, new RegExp(`^How was your call with .?${with_.name}.?\\?$`)),
        ).toBeVisible()
      }
    })
  })

  await test.step('two hearts are a match, told to both; a heart and a pass are none', async () => {
    await each([ada, hers, ...second, passed], (who) => who.press('Heart'))
    await passes.press('Pass')
    for (const [who, other] of [
      [ada, hers],
      [hers, ada],
      second,
      [second[1], second[0]],
    ] as const) {
      await expect(moment(who)).toBeVisible()
      await expect(moment(who)).toContainText(other.name)
    }
  })

  await test.step('the two without a match look again, and are not brought together', async () => {
    for (const who of [passes, passed]) {
      await who.press('Look for someone else')
      await expect(heading(who, /^Looking for someone who fits$/)).toBeVisible()
    }
    await passes.page.waitForTimeout(6000)
    for (const who of [passes, passed]) {
      await expect(moment(who)).toBeHidden()
      await expect(heading(who, /^Looking for someone who fits$/)).toBeVisible()
      await who.stopLooking()
    }
  })
  // And before it ends: whoever was in one call has heard nobody of another.
  for (const [a, b] of pairs) {
    for (const who of [a, b]) {
      for (const { hz, name } of six) {
        if (name === a.name || name === b.name) continue
        expect(await who.lastHeard(hz), `${who.name} heard ${name}`).toBe(0)
      }
    }
  }
})
