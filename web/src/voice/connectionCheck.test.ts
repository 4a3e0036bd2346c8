import { expect, it, vi } from 'vitest'
import { Problem } from '../api'
import { roomWith } from '../testing/roomFake'
import { type CheckDeps, checkConnection } from './connectionCheck'
import type { ListenConnection, Path } from './mediaConnection'
import type { LiveState } from './state'

const refused = (code: string, status = 409) => new Problem({ code, status, detail: code })

function world(more: Partial<CheckDeps> = {}, path: Path | undefined = 'udp') {
  const closed: (string | undefined)[] = []
  const stop = vi.fn()
  const deps: CheckDeps = {
    capture: async () => ({ track: { stop } as unknown as MediaStreamTrack }),
    plays: async () => true,
    inside: () => undefined,
    path: async () => 'udp',
    rooms: async () => ['r1', 'r2'],
    offer: async () => ({
      sdp: 'offer',
      accept: async () => ({ path: async () => path }) as ListenConnection,
      close: (url) => void closed.push(url),
    }),
    preview: async () => ({ answer: 'sdp', url: '/session' }),
    ...more,
  }
  return { deps, closed, stop }
}

const live = (more: Partial<LiveState>): LiveState => ({
  status: 'live',
  roomId: 'r',
  room: roomWith(1),
  you: roomWith(1).members[0] as LiveState['you'],
  connection: 'connected',
  mic: 'off',
  playback: 'ok',
  ...more,
})

async function result(deps: CheckDeps) {
  const check = checkConnection(deps)
  await vi.waitFor(() => expect(check.get().done).toBe(true))
  const { done: _, ...found } = check.get()
  return found
}

it('tries each part, and lets go of what it opened', async () => {
  const { deps, closed, stop } = world()
  expect(await result(deps)).toEqual({
    server: 'works',
    microphone: 'works',
    sound: 'works',
    voice: 'works',
  })
  expect(stop).toHaveBeenCalled()
  expect(closed).toEqual(['/session'])
})

it('says that voices go over TCP', async () => {
  expect(await result(world({}, 'tcp').deps)).toMatchObject({ voice: 'tcp' })
})

it('says that voices work where the browser does not tell how they come', async () => {
  const { deps } = world({ inside: () => live({}), path: async () => undefined })
  expect(await result(deps)).toMatchObject({ voice: 'works' })
})

it('says what is blocked', async () => {
  const { deps, closed } = world({
    capture: async () => ({ refused: 'denied' }),
    plays: async () => false,
  })
  const offer = await deps.offer()
  deps.offer = async () => ({
    ...offer,
    accept: (_, on) => {
      on({ type: 'stuck', why: 'blocked' })
      return new Promise(() => {})
    },
  })
  expect(await result(deps)).toEqual({
    server: 'works',
    microphone: 'denied',
    sound: 'tap',
    voice: 'blocked',
  })
  expect(closed).toEqual(['/session'])
})

it('says that the server is not there, and nothing of voices then', async () => {
  const { deps } = world({ rooms: () => Promise.reject(Problem.offline()) })
  const found = await result(deps)
  expect(found).toMatchObject({ server: 'unreachable' })
  expect(found.voice).toBeUndefined()
})

it('tries the next room when one is not to be listened to, three at most', async () => {
  const preview = vi.fn(async (_room: string) => Promise.reject(refused('room.not_found', 404)))
  const { deps } = world({ preview, rooms: async () => ['a', 'b', 'c', 'd'] })
  expect(await result(deps)).toMatchObject({ voice: 'untried' })
  expect(preview.mock.calls.map(([room]) => room)).toEqual(['a', 'b', 'c'])
})

it('says when it was tried too often', async () => {
  const spent = () => Promise.reject(refused('listen.previews_spent', 429))
  expect(await result(world({ preview: spent }).deps)).toMatchObject({ voice: 'spent' })
})

it('looks at the connection that stands, and at the microphone in use, inside a room', async () => {
  const nothing = () => Promise.reject(new Error('asked'))
  const { deps } = world({
    inside: () => live({ mic: 'muted' }),
    path: async () => 'tcp',
    capture: nothing,
    offer: nothing,
    rooms: nothing,
  })
  expect(await result(deps)).toMatchObject({ microphone: 'works', voice: 'tcp' })
  const blocked = world({ inside: () => live({ connection: 'reconnecting', stuck: 'blocked' }) })
  expect(await result(blocked.deps)).toMatchObject({ server: 'works', voice: 'blocked' })
  const lost = world({ inside: () => live({ connection: 'lost', stuck: 'unreachable' }) })
  expect(await result(lost.deps)).toMatchObject({ server: 'unreachable' })
})
