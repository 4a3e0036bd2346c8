import { sing } from './choir.ts'
import type { Person } from './person.ts'
import { A, B, expect, MORE, test } from './test.ts'

const C = MORE[0]
/** How far a tone of the replay may be from where it was in the room. */
const OFF_MS = 100

interface Burst {
  tone: number
  from: number
  to: number
}

declare global {
  interface Window {
    heyyHeard: Burst[]
  }
}

/** Runs in the page: every 10 ms it looks for tones in what the page sends to the speakers by Web Audio. */
function overhear(tones: number[]): void {
  window.heyyHeard = []
  const analysers = new Map<BaseAudioContext, AnalyserNode>()
  const connect = AudioNode.prototype.connect as (to: AudioNode) => AudioNode
  AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
    if (to instanceof AudioDestinationNode) {
      const { context } = this
      let found = analysers.get(context)
      if (!found) {
        found = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 })
        analysers.set(context, found)
      }
      connect.call(this, found)
    }
    return connect.call(this, to)
  } as typeof AudioNode.prototype.connect
  const open = new Map<number, Burst>()
  const levels = new Float32Array(1024)
  setInterval(() => {
    const now = performance.now()
    const heard = new Set<number>()
    for (const [context, analyser] of analysers) {
      if (context.state !== 'running') continue
      analyser.getFloatFrequencyData(levels)
      for (const hz of tones) {
        const bin = Math.round((hz * analyser.fftSize) / context.sampleRate)
        if (Math.max(levels[bin - 1] ?? -200, levels[bin] ?? -200, levels[bin + 1] ?? -200) > -45)
          heard.add(hz)
      }
    }
    for (const hz of tones) {
      const burst = open.get(hz)
      if (heard.has(hz)) {
        if (burst && now - burst.to < 250) burst.to = now
        else {
          const begun = { tone: hz, from: now, to: now }
          open.set(hz, begun)
          window.heyyHeard.push(begun)
        }
      }
    }
  }, 10)
}

/** Lets a microphone sound for a while; returns when, in Unix milliseconds. */
const sound = (who: Person, ms: number) =>
  who.page.evaluate(async (length) => {
    const now = () => performance.timeOrigin + performance.now()
    window.heyyMic.gain = 0.4
    const from = now()
    await new Promise((done) => setTimeout(done, length))
    window.heyyMic.gain = 0
    return { from, to: now() }
  }, ms)

const heardBy = (who: Person) =>
  who.page.evaluate(() => window.heyyHeard.filter((b) => b.to - b.from > 100))

test('a replay has each voice that agreed at its time, at every speed, until its speaker withdraws', async ({
  someone,
}) => {
  test.setTimeout(150_000)
  const title = 'On the record'
  const news = (said: string) => new RegExp(`^${said}: .?${title}.?$`)
  const tones = [A, B, C]
  const names = ['Ada', 'Ben', 'Dan']
  const people: Person[] = []
  let room = ''
  for (const [i, name] of names.entries()) {
    const who = await someone(name, {
      calm: true,
      deaf: true,
      before: (context) => context.addInitScript(sing, { hz: tones[i] ?? 0, loud: 0 }),
    })
    if (i === 0) {
      await who.signUp()
      await who.press('Start a room')
      await who.page.getByLabel('What is it about?').fill(title)
      await who.page.getByRole('switch', { name: 'Record for a replay' }).click()
      await who.press('Open the room')
      await who.inRoom(title)
      room = who.page.url()
    } else {
      await who.register()
      await who.follow(room, title)
      await who.sit()
    }
    await expect(who.button('Recorded')).toBeVisible()
    const question = who.page.getByRole('region', { name: 'Keep your voice in the replay?' })
    await expect(question).toBeVisible()
    // Dan speaks and is not kept.
    await question
      .getByRole('button', { name: name === 'Dan' ? 'Don’t keep it' : 'Keep my voice' })
      .click()
    await expect(question).toBeHidden()
    people.push(who)
  }
  for (const who of people) await who.unmute()
  const [ada, ben, dan] = people as [Person, Person, Person]
  // The recorder looks once a second who is kept.
  await ada.page.waitForTimeout(2500)

  const truth: Burst[] = []
  const say = async (who: Person, tone: number, ms: number) => {
    truth.push({ tone, ...(await sound(who, ms)) })
    await who.page.waitForTimeout(500)
  }
  await say(ada, A, 2500)
  await say(ben, B, 1500)
  await say(dan, C, 800)
  // Two at once, one beginning while the other speaks.
  await Promise.all([
    say(ada, A, 2000),
    (async () => {
      await ben.page.waitForTimeout(700)
      await say(ben, B, 2000)
    })(),
  ])
  await ada.page.waitForTimeout(1000)

  await ada.press('More')
  await ada.press('End the room')
  await ada.press('End for everyone')
  await expect(ada.button('Leave quietly')).toBeHidden()

  // A draft is for those who spoke, who are told. Ada publishes it.
  await ada.page.goto(`${ada.url}/notifications`)
  await ada.page.getByText(news('The replay of your room is ready')).click()
  await ada.press('Publish')
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await expect(ada.page.getByText('Published.')).toBeVisible()

  const eve = await someone('Eve', {
    calm: true,
    deaf: true,
    before: (context) => context.addInitScript(overhear, tones),
  })
  await eve.register()
  await eve.page.goto(`${eve.url}/replays`)
  await eve.page.getByRole('link', { name: title }).click()
  const speakers = eve.page.getByRole('list', { name: 'Who you hear' })
  // Who spoke most is first, however long a microphone was open.
  await expect(speakers.getByRole('listitem')).toHaveText(['Ada', 'Ben'])
  await eve.page.getByRole('switch', { name: 'Skip silence' }).click()
  const kept = truth.filter(({ tone }) => tone !== C).sort((a, b) => a.from - b.from)
  await eve.press('Play')
  await expect.poll(async () => (await heardBy(eve)).length, { timeout: 20_000 }).toBe(kept.length)
  await expect(eve.button('Play')).toBeVisible({ timeout: 10_000 })
  const heard = await heardBy(eve)
  expect(heard.map(({ tone }) => tone)).toEqual(kept.map(({ tone }) => tone))
  const base = { was: kept[0]?.from ?? 0, is: heard[0]?.from ?? 0 }
  for (const [i, one] of heard.entries()) {
    const was = kept[i] as Burst
    for (const edge of ['from', 'to'] as const) {
      const off = Math.round(one[edge] - base.is - (was[edge] - base.was))
      test.info().annotations.push({ type: `${one.tone} Hz ${edge}`, description: `${off} ms off` })
      console.log(`${one.tone} Hz ${edge}: ${off} ms off`)
      expect(Math.abs(off), `${one.tone} Hz ${edge}`).toBeLessThanOrEqual(OFF_MS)
    }
  }

  // Twice as fast, at the same pitch, and without the silence between.
  await eve.page.evaluate(() => window.heyyHeard.splice(0))
  await eve.page.getByRole('radio', { name: '2×' }).click({ force: true })
  await eve.page.getByRole('switch', { name: 'Skip silence' }).click()
  await eve.press('Play')
  await expect.poll(async () => (await heardBy(eve)).length, { timeout: 20_000 }).toBe(kept.length)
  await expect(eve.button('Play')).toBeVisible({ timeout: 10_000 })
  const fast = await heardBy(eve)
  expect(fast.map(({ tone }) => tone)).toEqual(kept.map(({ tone }) => tone))
  for (const [i, one] of fast.entries()) {
    const was = kept[i] as Burst
    expect(Math.abs(one.to - one.from - (was.to - was.from) / 2)).toBeLessThanOrEqual(2 * OFF_MS)
  }

  // Ben takes his voice back, from what is published, too.
  await ben.page.goto(`${ben.url}/notifications`)
  await expect(ben.page.getByText(news('The replay is here'))).toBeVisible()
  await ben.page.getByText('was recorded with your voice').click()
  await ben.press('Your replay')
  await ben.press('Delete my voice')
  await ben.page.getByRole('alertdialog').getByRole('button', { name: 'Delete my voice' }).click()
  await expect(ben.page.getByText('Your voice is deleted from it.')).toBeVisible()
  await eve.page.reload()
  await expect(speakers.getByRole('listitem')).toHaveText(['Ada'])
  await expect(eve.page.getByRole('radio', { name: '2×' })).toBeChecked()
})
