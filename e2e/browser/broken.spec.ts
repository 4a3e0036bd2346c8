import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Person, silentSoonAfter } from './person.ts'
import { A, B, expect, test } from './test.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

/** Runs in the page: as browsers' translators do, it puts each text node into elements of its own. */
function translator(): void {
  const wrap = (text: Node) => {
    if (!text.nodeValue?.trim()) return
    if (text.parentElement?.closest('font, script, style, title, option, textarea')) return
    const [outer, inner] = [document.createElement('font'), document.createElement('font')]
    text.parentNode?.replaceChild(outer, text)
    outer.append(inner)
    inner.append(text)
  }
  const all = () => {
    const texts = document.createTreeWalker(document, NodeFilter.SHOW_TEXT)
    const found: Node[] = []
    while (texts.nextNode()) found.push(texts.currentNode)
    found.forEach(wrap)
  }
  new MutationObserver(all).observe(document, {
    childList: true,
    characterData: true,
    subtree: true,
  })
}

const whole = (who: Person) =>
  expect(who.page.getByText('This page didn’t load'), `${who.name}'s page stands`).toBeHidden()

test('a page translator breaks neither a room nor a call', async ({ member }) => {
  test.setTimeout(90_000)
  const translated = { before: (c: Person['context']) => c.addInitScript(translator) }
  const ada = await member('Ada', { hz: A, ...translated })
  const ben = await member('Ben', { hz: B, ...translated })

  await ada.open('In translation')
  await ada.unmute()
  await ben.goInto('In translation')
  await expect(ada.page.getByText('1 listening').filter({ visible: true }).first()).toBeVisible()
  await ben.sit()
  await ben.unmute()
  await ada.hears(B, 'Ada hears Ben')
  await ben.press('Leave your seat')
  await ben.press('Leave quietly')
  await expect(ada.page.getByText('1 listening').filter({ visible: true })).toHaveCount(0)
  await ben.goInto('In translation')
  await whole(ada)
  await ada.press('Mute microphone')
  await ada.press('Leave quietly')
  await ben.press('Leave quietly')

  await ada.canBeMet('woman', voice)
  await ben.canBeMet('man', voice)
  for (const who of [ada, ben]) {
    await who.page.goto(`${who.url}/call`)
    await who.press('Talk now')
  }
  for (const who of [ada, ben]) await who.press('Say hello')
  await ben.hears(A, 'Ben hears Ada')
  await ben.press('Mute microphone')
  await expect(ada.page.getByText(/Ben.? is muted/).first()).toBeVisible()
  await ben.press('Unmute microphone')
  await expect(ada.page.getByText(/Ben.? is muted/)).toHaveCount(0)
  await ada.press('Leave the call')
  await expect(ben.page.getByRole('heading', { name: /^How was your call with/ })).toBeVisible()
  await whole(ada)
  await whole(ben)
})

test('when the page of a room fails, mute and leave are still there', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  await ada.open('Falls over')
  await ada.unmute()
  await ben.goInto('Falls over')
  await ben.hears(A, 'Ben hears Ada')

  // What an extension moves, React cannot find: the icon that muting takes away.
  await ada.button('Mute microphone').evaluate((button) => {
    for (const icon of button.querySelectorAll('svg')) {
      const moved = document.createElement('i')
      icon.replaceWith(moved)
      moved.append(icon)
    }
  })
  await ada.page.keyboard.press('m')
  await expect(ada.page.getByText('This page didn’t load')).toBeVisible()

  const dock = ada.page.getByRole('region', { name: 'Your room' })
  await dock.getByRole('button', { name: 'Unmute microphone' }).click()
  await ben.hears(A, 'Ben hears Ada again')
  const mute = () => dock.getByRole('button', { name: 'Mute microphone' }).click()
  await silentSoonAfter(ada, mute, [ben], A)
  await dock.getByRole('button', { name: 'Leave quietly' }).click()
  await expect(dock).toBeHidden()
  await expect(ben.page.getByRole('button', { name: /^Ada/ })).toHaveCount(0)
})

/** Runs in the page: keeps the microphones it was given, for the test to be the system. */
function keepMicrophones(): void {
  const given: MediaStreamTrack[] = []
  Object.assign(window, { heyyMicrophones: given })
  const ask = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = async function (wish) {
    const stream = await ask.call(this, wish)
    given.push(...stream.getAudioTracks())
    return stream
  }
}

test('when the system takes the microphone in a room, both sides see it', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', {
    hz: B,
    before: (context) => context.addInitScript(keepMicrophones),
  })
  const system = (does: 'mute' | 'unmute' | 'ended') =>
    ben.page.evaluate((what) => {
      const given = (window as unknown as { heyyMicrophones: MediaStreamTrack[] }).heyyMicrophones
      const track = given.findLast((t) => t.readyState === 'live')
      if (what === 'ended') track?.stop()
      else Object.defineProperty(track, 'muted', { value: what === 'mute', configurable: true })
      track?.dispatchEvent(new Event(what))
    }, does)
  const seenByAda = (muted: boolean) =>
    expect(ada.button(muted ? 'Ben, muted' : 'Ben')).toBeVisible()

  await ada.open('Somebody calls')
  await ben.goInto('Somebody calls')
  await ben.sit()
  await ben.unmute()
  await seenByAda(false)
  await ada.hears(B, 'Ada hears Ben')

  await system('mute')
  await expect(ben.button('No microphone: what to do')).toBeVisible()
  await seenByAda(true)
  await ada.page.waitForTimeout(500)
  await ada.hearsNothing(B, 'the phone has the microphone', 500)
  await system('unmute')
  await expect(ben.page.getByText('Your microphone is back, but muted.')).toBeVisible()
  await ben.unmute()
  await seenByAda(false)
  await ada.hears(B, 'Ada hears Ben again')

  await system('ended')
  await expect(ben.button('Unmute microphone')).toBeVisible()
  await seenByAda(true)
})
