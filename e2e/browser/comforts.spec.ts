import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sing } from './choir.ts'
import { earsOf, hearsAt, hearsNoMore, loudnessAt, measureLoudness } from './loud.ts'
import { type Person, SILENT_WITHIN_MS, silentSoonAfter } from './person.ts'
import { A, B, expect, test } from './test.ts'

/** A voice is heard this long after the key that opened it is let go of. */
const TAIL_MS = 200

/** A tone so soft that twice as loud is still below the limiter. */
function softTone(dir: string, hz: number): string {
  const wav = join(dir, `${hz}-soft.wav`)
  execFileSync('sox', [
    '-n',
    '-r',
    '48000',
    '-c',
    '1',
    wav,
    'synth',
    '30',
    'sine',
    `${hz}`,
    'vol',
    '0.1',
  ])
  return wav
}

const openMenu = (who: Person) => who.press('More')
const toggle = (who: Person, name: string) => who.page.getByRole('switch', { name }).click()

async function quiet(who: Person): Promise<void> {
  await openMenu(who)
  await toggle(who, 'Quiet for me')
  await who.page.keyboard.press('Escape')
}

test('each hears others as loud as they choose, is quiet when they want, and talks while a key is held', async ({
  member,
  someone,
}) => {
  test.setTimeout(120_000)
  const dir = mkdtempSync(join(tmpdir(), 'heyy-soft-'))
  try {
    const ada = await member('Ada', {
      says: softTone(dir, A),
      calm: true,
      before: (context) => context.addInitScript(() => localStorage.setItem('heyy.mic', 'raw')),
    })
    const ben = await someone('Ben', {
      hz: B,
      calm: true,
      before: async (context) => {
        await context.addInitScript(measureLoudness)
        await context.addInitScript(() => localStorage.setItem('heyy.even-off', '1'))
      },
    })
    await ben.signUp()
    const { page } = ben
    const title = 'As loud as you like'
    await ada.open(title)
    await ada.unmute()

    await test.step('before the first room: what works', async () => {
      await page.getByRole('link', { name: 'Me', exact: true }).click()
      await ben.press('Check my connection')
      for (const line of ['Heyy: works', 'Sound: works', 'Voices: work', 'Microphone: works']) {
        await expect(page.getByText(line)).toBeVisible()
      }
      await page.getByRole('link', { name: 'Rooms', exact: true }).click()
    })
    await ben.goInto(title)
    await ben.hears(A, 'Ben hears Ada')
    await expect.poll(() => loudnessAt(ben, A)).toBeGreaterThan(-40)
    await page.waitForTimeout(500)
    const asItComes = await loudnessAt(ben, A)
    const volume = page.getByRole('slider', { name: 'Volume' })
    const choose = async (percent: number) => {
      await page.getByRole('button', { name: /^Ada, host/ }).click()
      await volume.fill(`${percent}`)
      await page.keyboard.press('Escape')
    }

    await test.step('listening: half, nothing, twice as loud', async () => {
      await choose(50)
      await hearsAt(ben, A, asItComes - 6, 'half as loud')
      await choose(0)
      await hearsNoMore(ben, A, 'nothing')
      await expect(page.getByRole('button', { name: /You don’t hear .?Ada/ })).toBeVisible()
      await choose(200)
      await hearsAt(ben, A, asItComes + 6, 'twice as loud')
    })

    await test.step('it is remembered, and holds on stage', async () => {
      await page.reload()
      await ben.inRoom(title)
      await hearsAt(ben, A, asItComes + 6, 'twice as loud after a reload')
      await ben.sit()
      await expect(ada.page.getByTestId('live-region')).toHaveText(/Ben.? came on stage\.$/)
      await hearsAt(ben, A, asItComes + 6, 'twice as loud on stage')
      await choose(50)
      await hearsAt(ben, A, asItComes - 6, 'half as loud on stage')
      await choose(100)
    })

    await test.step('quiet: hears nobody and is not heard, and both come back', async () => {
      await ben.unmute()
      await ada.hears(B, 'Ada hears Ben')
      await openMenu(ben)
      await silentSoonAfter(ben, () => toggle(ben, 'Quiet for me'), [ada], B)
      await page.keyboard.press('Escape')
      await hearsNoMore(ben, A, 'Ben hears nobody')
      await expect(page.getByText('It’s quiet for you')).toBeVisible()
      await expect(ben.button('Unmute microphone')).toBeVisible()
      await ben.press('Unmute room')
      await hearsAt(ben, A, asItComes, 'Ben hears Ada again')
      await ada.hears(B, 'Ada hears Ben again')

      await ben.press('Mute microphone')
      await quiet(ben)
      await page.reload()
      await ben.inRoom(title)
      await page.waitForTimeout(1000)
      await hearsNoMore(ben, A, 'still quiet after a reload')
      await ben.press('Unmute room')
      await hearsAt(ben, A, asItComes, 'Ben hears Ada again')
      await expect(ben.button('Unmute microphone')).toBeVisible()
    })

    await test.step('talks while the key is held', async () => {
      await openMenu(ben)
      await ben.press('Sound')
      await toggle(ben, 'Hold a key to talk')
      await page.keyboard.press('Escape')
      await page.keyboard.down('Space')
      await ada.hears(B, 'Ada hears Ben')
      await expect(ben.button('Mute microphone')).toBeVisible()
      const letGo = Date.now()
      await page.keyboard.up('Space')
      await expect(ben.button('Unmute microphone')).toBeVisible()
      await page.waitForTimeout(1200)
      expect((await ada.lastHeard(B)) - letGo).toBeLessThan(TAIL_MS + SILENT_WITHIN_MS)
    })

    await test.step('not when a host has muted them', async () => {
      await ada.page.getByRole('button', { name: /^Ben/ }).click()
      await ada.page.getByRole('button', { name: 'Mute', exact: true }).click()
      await expect(ben.button(/^A host muted you/)).toBeVisible()
      await page.keyboard.down('Space')
      await ada.hearsNothing(B, 'Ben is muted')
      await page.keyboard.up('Space')
    })
    for (const who of [ben, ada]) await who.press('Leave quietly')
  } finally {
    rmSync(dir, { recursive: true })
  }
})

/**
 * Runs in the page: its microphone has one tone on the left, and another on the right. As a real one it
 * mixes them where one channel is asked for.
 */
function playStereo([left, right]: [number, number]): void {
  if (!navigator.mediaDevices) return
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const audio = typeof wanted?.audio === 'object' ? wanted.audio : {}
    const channelCount = audio.channelCount === 1 ? 1 : 2
    const context = new AudioContext({ sampleRate: 48_000 })
    await context.resume()
    const merge = new ChannelMergerNode(context, { numberOfInputs: 2 })
    const out = new MediaStreamAudioDestinationNode(context, { channelCount })
    for (const [side, frequency] of [left, right].entries()) {
      const tone = new OscillatorNode(context, { frequency })
      tone.connect(new GainNode(context, { gain: 0.3 })).connect(merge, 0, side)
      tone.start()
    }
    merge.connect(out)
    return out.stream
  }
}

test('music keeps left and right apart', async ({ member, someone }) => {
  test.setTimeout(60_000)
  const title = 'Two guitars'
  const ada = await member('Ada', {
    calm: true,
    deaf: true,
    before: (context) => context.addInitScript(playStereo, [A, B] as [number, number]),
  })
  await ada.open(title)
  await ada.unmute()
  const ben = await someone('Ben', {
    hz: B,
    calm: true,
    before: (context) => context.addInitScript(measureLoudness),
  })
  await ben.signUp()
  await ben.goInto(title)
  await ben.hears(A, 'Ben hears Ada')
  const both = async () => [await earsOf(ben, A), await earsOf(ben, B)] as const
  const apart = async () => {
    const [a, b] = await both()
    return Math.min(a.left - a.right, b.right - b.left)
  }
  // The ears open with the first look: two silent ones are alike, and one may be a moment ahead.
  const softer = async () => Math.min(...(await both()).map((at) => Math.max(at.left, at.right)))
  await expect.poll(softer, 'Ben hears both tones').toBeGreaterThan(-25)
  expect(Math.abs(await apart()), 'speech is in the middle').toBeLessThan(1)
  await openMenu(ada)
  await ada.press('Sound')
  await toggle(ada, 'Music mode')
  await ada.page.keyboard.press('Escape')
  await expect.poll(apart, 'each tone is on its own side').toBeGreaterThan(20)
  for (const who of [ben, ada]) await who.press('Leave quietly')
})

test('a loud and a soft voice come out at a similar loudness', async ({ someone }) => {
  test.setTimeout(60_000)
  const title = 'Loud and soft'
  const speaks = async (name: string, hz: number, loud: number) => {
    const who = await someone(name, {
      calm: true,
      deaf: true,
      before: (context) => context.addInitScript(sing, { hz, loud }),
    })
    return who
  }
  const ada = await speaks('Ada', A, 0.5)
  await ada.signUp()
  const room = await ada.open(title)
  const ben = await speaks('Ben', B, 0.05)
  await ben.register()
  await ben.follow(room, title)
  await ben.sit()
  const cleo = await someone('Cleo', {
    calm: true,
    before: (context) => context.addInitScript(measureLoudness),
  })
  await cleo.register()
  await cleo.follow(room, title)
  await ada.unmute()
  await ben.unmute()
  const apart = async () => (await loudnessAt(cleo, A)) - (await loudnessAt(cleo, B))
  await expect.poll(apart, 'as they speak').toBeGreaterThan(15)
  const begin = Date.now()
  await expect
    .poll(apart, { message: 'within 6 dB', timeout: 14_000, intervals: [250] })
    .toBeLessThan(6)
  test.info().annotations.push({ type: 'evened out', description: `${Date.now() - begin} ms` })
  await cleo.page.waitForTimeout(5000)
  expect(Math.abs(await apart()), 'and stay there').toBeLessThan(4)
  for (const who of [cleo, ben, ada]) await who.press('Leave quietly')
})
