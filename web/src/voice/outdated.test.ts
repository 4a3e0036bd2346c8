import { afterEach, expect, it, vi } from 'vitest'
import { browser } from './browser'
import { encoder } from './recorder'

// The server was updated: the parts of this client that were not loaded yet are gone.
const gone = () => {
  throw new TypeError('Failed to fetch dynamically imported module')
}
vi.mock('./livekit', () => gone())
vi.mock('./recorder-encode', () => gone())

afterEach(() => {
  vi.unstubAllGlobals()
})

it('calls a connection whose player is gone outdated, and not a lost connection', async () => {
  const open = await browser.media()
  const said = vi.fn()
  await expect(open('/', 'token', said)).rejects.toThrow()
  expect(said.mock.calls).toEqual([[{ type: 'stuck', why: 'outdated' }]])
})

it.each([
  ['the server answers', async () => new Response('ok'), 'outdated'],
  [
    'nothing answers',
    async () => {
      throw new TypeError('Failed to fetch')
    },
    'offline',
  ],
  ['a proxy answers for it', async () => new Response('', { status: 502 }), 'offline'],
])('says why an encoder does not come: %s', async (_, fetches, code) => {
  vi.stubGlobal('fetch', fetches)
  await expect(encoder()).rejects.toMatchObject({ code })
})
