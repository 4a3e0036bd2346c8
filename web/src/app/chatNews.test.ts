import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startI18n } from '../i18n'
import { chats } from '../realtime/chats'
import { matches } from '../realtime/matches'
import { outgoing } from '../realtime/outgoing'
import { fakeElement } from '../testing/element'
import { message } from '../testing/messages'
import { player } from '../voice/player'
import { useChatNews } from './chatNews'

const owners = vi.hoisted(() => new Set<{ event(said: unknown): void }>())
vi.mock('../realtime/connection', () => ({
  listenOwn(owner: { event(said: unknown): void }) {
    owners.add(owner)
    return () => owners.delete(owner)
  },
}))
vi.mock('../voice/audio', () => ({
  audioContext: () => ({ state: 'suspended', resume: async () => {} }),
}))

const badge = vi.fn(async () => {})
const noBadge = vi.fn(async () => {})

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.spyOn(chats, 'start').mockReturnValue(() => {})
  Object.assign(navigator, { setAppBadge: badge, clearAppBadge: noBadge })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.clearAllMocks()
})

function news(unread: number, unseen: number) {
  vi.spyOn(chats, 'get').mockReturnValue({ ...chats.get(), unread })
  vi.spyOn(matches, 'get').mockReturnValue({ ...matches.get(), unseen })
  return renderHook(useChatNews).result.current
}

it('says what is new, and counts it on the icon of the app', () => {
  expect(news(3, 1)).toBe('3 new messages, 1 new match')
  expect(badge).toHaveBeenCalledWith(4)
})

it('takes the count away when nothing is', () => {
  expect(news(0, 0)).toBeUndefined()
  expect(noBadge).toHaveBeenCalled()
})

it('keeps nothing for somebody whose match has ended', () => {
  const forget = vi.spyOn(outgoing, 'forget')
  news(0, 0)
  act(() => {
    for (const owner of owners) owner.event({ type: 'match_ended', person_id: 'ada' })
  })
  expect(forget).toHaveBeenCalledWith('ada')
})

it('plays no message that was deleted', async () => {
  fakeElement()
  const key = '/api/chats/ada/messages/m-1/voice'
  await player.play({ key, url: key, sound: () => new Blob(['x']), message: true })
  expect(player.get().status).toBe('playing')
  news(0, 0)
  const tell = (deleted: boolean) =>
    act(() => {
      for (const owner of owners) {
        owner.event({ type: 'message', person_id: 'ada', message: message(1, { deleted }) })
      }
    })
  tell(false)
  expect(player.get().status).toBe('playing')
  tell(true)
  expect(player.get().status).toBe('idle')
})
