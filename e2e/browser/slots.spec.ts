import { hearsJust, longestLie, sing, slotsOf, watchSlots } from './choir.ts'
import type { Person } from './person.ts'
import { A, B, expect, MORE, test } from './test.ts'

/** For so long a slot may name another voice than the one that sounds in it. */
const NAMED_WITHIN_MS = 200
/**
 * A voice that takes the slot of another is heard at most so much later after its tap than the slowest of
 * those that had a free one: what eight browsers take of this machine is in both.
 */
const CHOSEN_WITHIN_MS = 1000

interface Inside {
  members: { person: { id: string; name: string }; voice?: number }[]
}

const note = (type: string, description: string) => {
  test.info().annotations.push({ type, description })
  console.log(`${type}: ${description}`)
}

/** Whom the screen shows as talking: their auras move by what these elements play. */
const shown = (who: Person) =>
  who.page.evaluate(() =>
    [...document.querySelectorAll('audio')]
      .filter((one) => !one.paused && (!one.muted || one.hasAttribute('data-boosted')))
      .flatMap(({ dataset }) => dataset.person ?? [])
      .sort(),
  )

/** When a tone was heard first after a moment, in Unix milliseconds. */
async function firstHeard(who: Person, tone: number, after: number): Promise<number> {
  const found = (await slotsOf(who)).find((one) => one.tone === tone && one.to > after)
  if (!found) throw new Error(`${tone} Hz is not heard`)
  return Math.max(found.from, after)
}

test('six voices have a slot each, a seventh takes that of the quietest, and each slot names who sounds in it', async ({
  someone,
}) => {
  test.setTimeout(150_000)
  const title = 'Seven at once'
  const names = ['Ada', 'Ben', 'Dan', 'Eve', 'Finn', 'Gus', 'Hal']
  const tones = [A, B, ...MORE, 3300]
  // Gus is the quietest, Hal the loudest.
  const gains = [0.4, 0.36, 0.33, 0.3, 0.27, 0.05, 0.5]

  const singers: Person[] = []
  let room = ''
  for (const [i, name] of names.entries()) {
    const who = await someone(name, {
      calm: true,
      deaf: true,
      before: (context) => context.addInitScript(sing, { hz: tones[i] ?? 0, loud: gains[i] ?? 0 }),
    })
    if (i === 0) {
      await who.signUp()
      room = await who.open(title)
    } else {
      await who.register()
      await who.follow(room, title)
      await who.sit()
    }
    singers.push(who)
  }
  const listener = await someone('Cleo', {
    calm: true,
    deaf: true,
    before: (context) => context.addInitScript(watchSlots, tones),
  })
  await listener.register()
  await listener.follow(room, title)

  const { members } = await listener.tell<Inside>('GET', `/api${new URL(room).pathname}`)
  const toneOf = new Map<number, number>()
  const idOf = new Map<number, string>()
  for (const { person, voice } of members) {
    const tone = tones[names.indexOf(person.name)]
    if (!voice || !tone) continue
    toneOf.set(voice, tone)
    idOf.set(tone, person.id)
  }
  expect(toneOf.size, 'each who sits has a voice').toBe(names.length)

  const showsJust = (heard: number[], what: string) =>
    expect.poll(() => shown(listener), what).toEqual(heard.map((tone) => idOf.get(tone)).sort())

  const [ben, hal] = [singers[1] as Person, singers[6] as Person]
  const [six, seventh] = [tones.slice(0, 6), tones[6] as number]
  const quietest = tones[5] as number

  let slowest = 0
  await test.step('each of six is heard in one slot', async () => {
    for (const [i, who] of singers.slice(0, 6).entries()) {
      await who.unmute()
      const clicked = await who.page.evaluate(() => window.heyyEar.clicked)
      await hearsJust(listener, tones.slice(0, i + 1), `${who.name} is heard`)
      const took = (await firstHeard(listener, tones[i] ?? 0, clicked)) - clicked
      slowest = Math.max(slowest, Math.round(took))
    }
    note('heard in a free slot', `${slowest} ms after the tap at most`)
    await listener.page.waitForTimeout(1000)
    await hearsJust(listener, six, 'six are still heard')
    await showsJust(six, 'the screen shows the six')
  })

  await test.step('a seventh, louder one is heard, instead of the quietest', async () => {
    await hal.unmute()
    const clicked = await hal.page.evaluate(() => window.heyyEar.clicked)
    const heard = tones.filter((tone) => tone !== quietest)
    await hearsJust(listener, heard, 'all but the quietest are heard')
    const after = Math.round((await firstHeard(listener, seventh, clicked)) - clicked)
    note('the seventh is heard', `${after} ms after the tap`)
    expect(after, 'from the tap to the seventh voice').toBeLessThanOrEqual(
      slowest + CHOSEN_WITHIN_MS,
    )
    await showsJust(heard, 'the screen shows the six loudest')
  })

  await test.step('when one of them mutes, the displaced one is heard again', async () => {
    await ben.press('Mute microphone')
    const clicked = await ben.page.evaluate(() => window.heyyEar.clicked)
    const heard = tones.filter((tone) => tone !== B)
    await hearsJust(listener, heard, 'all but who muted are heard')
    const after = Math.round((await firstHeard(listener, quietest, clicked)) - clicked)
    note('the displaced one is heard again', `${after} ms after the tap`)
    expect(after, 'from the tap to the displaced voice').toBeLessThanOrEqual(
      slowest + 2 * CHOSEN_WITHIN_MS,
    )
    await showsJust(heard, 'the screen shows them')
  })

  const all = await slotsOf(listener)
  const lie = longestLie(all, toneOf)
  note('voice and tone disagree', `${lie} ms at worst, in ${all.length} stretches`)
  expect(lie, 'a slot names another voice').toBeLessThanOrEqual(NAMED_WITHIN_MS)
  await singers[0]?.press('More')
  await singers[0]?.press('End the room')
  await singers[0]?.press('End for everyone')
})
