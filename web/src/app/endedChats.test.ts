import { renderHook } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, Problem } from '../api'
import { startI18n } from '../i18n'
import { chats } from '../realtime/chats'
import { outgoing } from '../realtime/outgoing'
import { requests } from '../realtime/requests'
import { fakeElement } from '../testing/element'
import { chat } from '../testing/messages'
import { player } from '../voice/player'
import { useChatNews } from './chatNews'

vi.mock('../voice/audio', () => ({
  audioContext: () => ({ state: 'suspended', resume: async () => {} }),
}))

let stop: () => void
/** What the server answers about the chat with whoever is asked for. */
let server: () => Promise<unknown>
const none = () => Promise.reject(new Problem({ code: 'chat.none', status: 404, detail: '' }))
const ada = chat('ada', { match: false })

beforeAll(() => startI18n('en'))
beforeEach(async () => {
  for (const store of [chats, requests]) vi.spyOn(store, 'start').mockReturnValue(() => {})
  fakeElement()
  server = none
  vi.spyOn(api, 'GET').mockImplementation((() => server()) as never)
  chats.begin(ada)
  chats.take([ada, chat('bo')])
  requests.take([])
  stop = renderHook(useChatNews).unmount
  outgoing.draft('ada', { text: 'Dear' })
  await player.play({
    key: 'voice',
    url: '',
    sound: () => new Blob(['x']),
    title: 'Ada',
    person: { id: 'ada', name: 'Ada' },
    message: true,
  })
  expect(player.get().status).toBe('playing')
})
afterEach(() => {
  stop()
  player.drop()
  outgoing.forget('ada')
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

const settle = () => new Promise((done) => setTimeout(done))

it('is silent and keeps nothing once a chat without a match has ended', async () => {
  chats.take([chat('bo')])
  await settle()
  expect(player.get().status).toBe('idle')
  expect(outgoing.get().drafts.has('ada')).toBe(false)
  // What was being recorded meanwhile is not kept, either.
  expect(chats.get().gone.has('ada')).toBe(true)
})

it('shows the chat again when the two match later', async () => {
  chats.take([])
  await settle()
  chats.hear({ type: 'matched', person: ada.person })
  chats.take([chat('ada')])
  expect(chats.get().chats.map(({ person }) => person.id)).toEqual(['ada'])
})

it('does so when a request is taken back by whom one listens to', async () => {
  requests.take([ada])
  chats.take([])
  await settle()
  expect(player.get().status).toBe('playing')
  requests.take([])
  await settle()
  expect(player.get().status).toBe('idle')
})

it('forgets nobody who is only between two lists, or whom the server could not be asked about', async () => {
  server = async () => ({ data: ada })
  chats.take([])
  await settle()
  expect(outgoing.get().drafts.get('ada')?.text).toBe('Dear')

  chats.take([ada])
  server = () => Promise.reject(Problem.offline())
  chats.take([])
  await settle()
  expect(player.get().status).toBe('playing')
  // With the next change it is known.
  server = none
  chats.take([])
  await settle()
  expect(player.get().status).toBe('idle')
  expect(outgoing.get().drafts.has('ada')).toBe(false)
})
