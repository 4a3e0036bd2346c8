import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Listen } from '../api'
import { MediaFake, pass, refusal, settle, voiceTrack } from '../testing/mediaFake'
import { member, roomWith } from '../testing/roomFake'
import { Writable } from '../ui/store'
import { PREVIEW_MS, Preview } from './preview'

let world: MediaFake
let occupied: Writable<boolean>
let previewing: boolean[]
let listen: ReturnType<typeof vi.fn<(roomId: string, offer: string) => Promise<Listen>>>
let playback: Writable<'ok' | 'blocked'>
let preview: Preview

beforeEach(() => {
  vi.useFakeTimers()
  world = new MediaFake()
  occupied = new Writable(false)
  previewing = []
  playback = new Writable<'ok' | 'blocked'>('ok')
  listen = vi.fn(async (roomId) => ({ answer: 'sdp', url: `/${roomId}` }))
  preview = new Preview({
    offer: world.media.offer,
    listen,
    read: async () => roomWith(1, undefined, { members: [member('ada', { seat: 1, voice: 7 })] }),
    playback: { ...world.media.playback, state: playback },
    later: world.media.later,
    occupied,
    previewing: (on) => void previewing.push(on),
  })
})
afterEach(() => {
  preview.stop()
  vi.useRealTimers()
})

it('plays a room for ten seconds, tells who is heard, and lets everything go', async () => {
  await preview.start('r')
  expect(preview.get()).toEqual({ status: 'playing', roomId: 'r' })
  expect(listen).toHaveBeenCalledWith('r', 'offer 1')
  world.mediaConnection.on({ type: 'output', output: 'slot-0', track: voiceTrack() })
  world.mediaConnection.on({ type: 'speaker', output: 'slot-0', voice: '7' })
  expect(world.named.get('slot-0')).toBe('ada')
  await pass(PREVIEW_MS - 10)
  expect(world.heard.size).toBe(1)
  await pass(20)
  expect(preview.get()).toEqual({ status: 'none' })
  expect(world.heard.size).toBe(0)
  expect(world.mediaConnection.said).toContain('close /r')
  expect(previewing).toEqual([true, false])
})

it('stops with the release, also before anything was heard', async () => {
  let answer: (listen: Listen) => void = () => {}
  listen.mockImplementationOnce(() => new Promise((done) => (answer = done)))
  const starting = preview.start('r')
  await settle()
  expect(preview.get().status).toBe('opening')
  preview.stop()
  answer({ answer: 'sdp', url: '/late' })
  expect(await starting).toBeUndefined()
  expect(world.mediaConnections).toHaveLength(0)
  expect(world.offers).toContain('close /late')
  expect(preview.get()).toEqual({ status: 'none' })
})

it('gives way to a call or a room, and does not begin beside one', async () => {
  await preview.start('r')
  occupied.set(true)
  expect(preview.get()).toEqual({ status: 'none' })
  expect(world.mediaConnection.said).toContain('close /r')
  await preview.start('r')
  expect(listen).toHaveBeenCalledTimes(1)
})

it('is of one room at a time', async () => {
  await preview.start('r')
  await preview.start('s')
  expect(world.mediaConnections.map(({ said }) => said)).toEqual([
    expect.arrayContaining(['close /r']),
    [],
  ])
  expect(preview.get()).toMatchObject({ roomId: 's' })
})

it('says why a room is not heard, and leaves nothing behind', async () => {
  listen.mockRejectedValueOnce(refusal('room.ended', 410))
  expect(await preview.start('r')).toMatchObject({ code: 'room.ended' })
  expect(preview.get()).toEqual({ status: 'none' })
  expect(world.offers).toEqual(['offer 1', 'close offer 1'])
  expect(previewing).toEqual([true, false])
})

it('ends when the server ends it', async () => {
  await preview.start('r')
  world.mediaConnection.on({ type: 'closed', why: 'lost' })
  expect(preview.get()).toEqual({ status: 'none', why: 'gone' })
  await pass(PREVIEW_MS)
  expect(previewing).toEqual([true, false])
})

it('ends where the browser wants a tap before it plays', async () => {
  await preview.start('r')
  playback.set('blocked')
  expect(preview.get()).toEqual({ status: 'none', why: 'blocked' })
  expect(previewing).toEqual([true, false])
  playback.set('ok')
  await preview.start('r')
  preview.stop()
  expect(preview.get()).toEqual({ status: 'none' })
})
