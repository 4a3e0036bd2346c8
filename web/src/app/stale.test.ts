import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startI18n } from '../i18n'
import { setLive } from '../voice/live'
import { newer, whenIdle, whenQuiet } from './stale'

const line = (kind: 'room' | 'call' | 'recording') =>
  setLive(kind, { kind, mic: 'open', setMuted: () => {}, leave: () => {} })

let hidden = false
function look(away: boolean) {
  hidden = away
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeAll(() => startI18n('en'))
beforeEach(() => {
  hidden = false
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
})
afterEach(() => {
  for (const kind of ['room', 'call', 'recording'] as const) setLive(kind, undefined)
  document.head.replaceChildren()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it.each(['room', 'call', 'recording'] as const)(
  'does not load a tab anew in the middle of a %s',
  (kind) => {
    const reload = vi.fn()
    line(kind)
    whenIdle(reload)
    look(true)
    expect(reload).not.toHaveBeenCalled()
    setLive(kind, undefined)
    expect(reload).toHaveBeenCalledOnce()
  },
)

it('does not load a tab anew under the eyes of somebody', () => {
  const reload = vi.fn()
  whenIdle(reload)
  expect(reload).not.toHaveBeenCalled()
  look(true)
  look(false)
  look(true)
  expect(reload).toHaveBeenCalledOnce()
})

it('offers a new version when a sentence is over', () => {
  const offer = vi.fn()
  line('room')
  whenQuiet(offer)
  line('call')
  setLive('room', undefined)
  expect(offer).not.toHaveBeenCalled()
  setLive('call', undefined)
  line('room')
  setLive('room', undefined)
  expect(offer).toHaveBeenCalledOnce()
})

it.each<[string, Response | undefined, boolean | undefined]>([
  ['another client', new Response('<script type="module" src="/assets/index-b.js">'), true],
  ['the same one', new Response('<script type="module" src="/assets/index-a.js">'), false],
  ['an error', new Response('', { status: 502 }), undefined],
  ['nothing', undefined, undefined],
])('asks the server which client it has: %s', async (_, answer, found) => {
  const script = document.createElement('script')
  script.type = 'module'
  script.setAttribute('src', '/assets/index-a.js')
  // Made inert: it is only looked at.
  const template = document.createElement('div')
  template.append(script)
  document.head.append(...template.childNodes)
  vi.stubGlobal('fetch', async () => {
    if (!answer) throw new TypeError('Failed to fetch')
    return answer
  })
  expect(await newer()).toBe(found)
})
