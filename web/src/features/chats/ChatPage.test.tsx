import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, type Match, type Message, type OwnEvent, Problem } from '../../api'
import { forgetClock, heardDate } from '../../api/clock'
import { startI18n } from '../../i18n'
import { chats } from '../../realtime/chats'
import { matches } from '../../realtime/matches'
import { outgoing } from '../../realtime/outgoing'
import { requests } from '../../realtime/requests'
import { chat, message, page } from '../../testing/messages'
import { people, showPage } from '../../testing/page'
import { giveSizes } from '../../testing/sizes'
import { Toaster } from '../../ui'
import { ChatPage } from './ChatPage'

const owners = vi.hoisted(() => new Set<{ event(said: unknown): void; missed(): void }>())
vi.mock('../../realtime/connection', () => ({
  listen: () => () => {},
  listenOwn(owner: { event(said: unknown): void; missed(): void }) {
    owners.add(owner)
    return () => owners.delete(owner)
  },
}))

vi.mock('../../voice/recorder', () => import('../../testing/fourSeconds'))

const nora = people.nora
const about = { person: nora.id }
let stored: Message[]
let commands: { method: string; path: string; body: unknown; id?: string }[]
let refusal: Problem | undefined

const now = Date.now()
const said = (n: number, text: string, more: Partial<Message> = {}) =>
  message(n, { text, at: now - (10 - n) * 60_000, ...more })

beforeAll(async () => {
  giveSizes()
  await startI18n('en')
})
beforeEach(() => {
  refusal = undefined
  commands = []
  stored = [said(1, 'Do you sing?'), said(2, 'Only in the car', { mine: true })]
  vi.spyOn(document, 'hasFocus').mockReturnValue(true)
  const match = {
    person: { ...nora, clips: [], badges: [], interests: [], languages: ['it'], language: 'it' },
    age: 33,
    intents: [],
    at: now,
    reveal: { mine: false, theirs: false, photos: [] },
  } as unknown as Match
  const state = { ...matches.get(), status: 'ready', matches: [match], unseen: 0 }
  vi.spyOn(matches, 'get').mockReturnValue(state as ReturnType<typeof matches.get>)
  vi.spyOn(api, 'GET').mockImplementation((async () => ({
    data: page(stored, { their_read_n: 2, unread: 0, read_n: 0 }),
  })) as never)
  const run =
    (method: string) =>
    async (
      path: string,
      { params, body }: { params: { path: { message?: string } }; body?: unknown },
    ) => {
      const { message: id } = params.path
      commands.push({ method, path, body, ...(id === undefined ? {} : { id }) })
      if (refusal) throw refusal
      const before = stored.find((m) => m.id === id)
      const seq = stored.length + 1
      if (path.endsWith('/voice')) {
        const voice = { ms: 4000, peaks: [200], heard: false }
        return { data: message(stored.length + 1, { id: id ?? '', text: '', mine: true, voice }) }
      }
      if (path.endsWith('/messages/{message}') && method === 'PUT') {
        const { text } = body as { text: string }
        return { data: message(stored.length + 1, { id: id ?? '', text, mine: true, at: now }) }
      }
      if (method === 'DELETE') return { data: { ...before, text: '', deleted: true, seq } }
      if (method === 'PATCH') return { data: { ...before, ...(body as object), edited: true, seq } }
      return { data: { ...before, reactions: [{ emoji: '👍', mine: true }], seq } }
    }
  vi.spyOn(api, 'PUT').mockImplementation(run('PUT') as never)
  vi.spyOn(api, 'PATCH').mockImplementation(run('PATCH') as never)
  vi.spyOn(api, 'DELETE').mockImplementation(run('DELETE') as never)
})
afterEach(() => {
  cleanup()
  outgoing.forget(nora.id)
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  Reflect.deleteProperty(navigator, 'clipboard')
  forgetClock()
})

const open = async () => {
  await showPage(<ChatPage person={nora.id} call={() => <button type="button">ring</button>} />)
  await act(async () => {})
}
const tell = (event: OwnEvent) =>
  act(async () => {
    for (const owner of owners) owner.event(event)
  })
const field = () => screen.getByRole('textbox', { name: /^Message to/ }) as HTMLTextAreaElement
const write = (text: string) => fireEvent.change(field(), { target: { value: text } })
const press = (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }))
  })
const of = (text: string) => {
  const line = screen.getByText(text).closest('li')
  if (!line) throw new Error(`no line says ${text}`)
  return within(line)
}
const menuOf = (text: string) =>
  act(async () => {
    fireEvent.click(of(text).getByRole('button', { name: 'Message options' }))
  })

it('shows what was said by whom, and what was read', async () => {
  await open()
  const log = screen.getByRole('log', { name: /^Conversation with .?Nora/ })
  expect(within(log).getAllByRole('listitem')).toHaveLength(2)
  expect(of('Do you sing?').getByText(/Nora/)).toBeTruthy()
  expect(of('Only in the car').getByText('You')).toBeTruthy()
  expect(of('Only in the car').getByText('Read')).toBeTruthy()
  expect(screen.getByText('ring')).toBeTruthy()
})

it('tells what was read once it has been on screen', async () => {
  await open()
  await waitFor(() =>
    expect(commands).toContainEqual({
      method: 'PUT',
      path: '/api/chats/{person}/read',
      body: { n: 1 },
    }),
  )
})

it('tells nothing while nobody looks', async () => {
  vi.spyOn(document, 'hasFocus').mockReturnValue(false)
  await open()
  expect(commands.filter(({ path }) => path.endsWith('/read'))).toEqual([])
})

it('shows a message at once, sends it once, and empties the field', async () => {
  await open()
  write('And you?')
  await press('Send')
  expect(screen.getByText('And you?')).toBeTruthy()
  expect(field().value).toBe('')
  const sent = commands.filter(({ path }) => path.endsWith('/messages/{message}'))
  expect(sent.map(({ body }) => body)).toEqual([{ text: 'And you?' }])
  expect(screen.getAllByText('And you?')).toHaveLength(1)
})

it('sends nothing empty: without words the round control is the microphone', async () => {
  await open()
  write('   ')
  expect(screen.queryByRole('button', { name: 'Send' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Record a voice message' })).toBeTruthy()
  expect(commands.filter(({ path }) => path.endsWith('/messages/{message}'))).toEqual([])
})

it('gives a mere greeting back, kindly', async () => {
  await open()
  refusal = new Problem({ code: 'message.greeting', status: 422, detail: '' })
  write('hi')
  await press('Send')
  await waitFor(() => expect(field().value).toBe('hi'))
  expect(screen.getByText(/a little more than a greeting/)).toBeTruthy()
  write('hi, what')
  expect(screen.queryByText(/a little more than a greeting/)).toBeNull()
})

it('keeps what was refused, to try again, change or discard', async () => {
  await open()
  refusal = new Problem({ code: 'message.characters', status: 422, detail: '' })
  write('bad one')
  await press('Send')
  expect(of('bad one').getByText(/can’t send/)).toBeTruthy()
  await press('Edit')
  expect(field().value).toBe('bad one')
  await press('Send')
  await press('Discard')
  expect(screen.queryByText('bad one')).toBeNull()
})

it('opens the menu of a message by a long press, and by the second button', async () => {
  await open()
  fireEvent.contextMenu(screen.getByText('Do you sing?'))
  expect(screen.getByRole('dialog', { name: 'Message options' })).toBeTruthy()
  await press('Close')
  vi.useFakeTimers()
  fireEvent.pointerDown(screen.getByText('Only in the car'), { pointerType: 'touch' })
  act(() => vi.advanceTimersByTime(500))
  vi.useRealTimers()
  expect(screen.getByRole('dialog', { name: 'Message options' })).toBeTruthy()
})

it('reads what was said before', async () => {
  const get = vi.spyOn(api, 'GET').mockImplementation((async (
    _: string,
    { params }: { params: { query: { before?: string } } },
  ) => ({
    data: params.query.before
      ? page([said(1, 'Do you sing?')], { seq: 2 })
      : page([said(2, 'Only in the car', { mine: true })], { next: 'c1' }),
  })) as never)
  await open()
  await waitFor(() => expect(screen.getByText('Do you sing?')).toBeTruthy())
  expect(get).toHaveBeenCalledTimes(2)
})

it('marks what is new at its first line, however much there is', async () => {
  const all = Array.from({ length: 16 }, (_, i) => said(i + 1, `line ${i + 1}`))
  const marks = { read_n: 2, unread: 14, seq: 16 }
  vi.spyOn(api, 'GET').mockImplementation((async (
    _: string,
    { params }: { params: { query: { around?: number } } },
  ) => {
    const { around } = params.query
    if (around === 3) return { data: page(all.slice(0, 6), { newer: true, ...marks }) }
    const from = around === undefined ? 10 : 6
    return { data: page(all.slice(from), { next: 'c1', ...marks }) }
  }) as never)
  await open()
  await waitFor(() => expect(of('line 3').getByText('New')).toBeTruthy())
})

it('keeps a draft for when one comes back', async () => {
  await open()
  write('Half a thou')
  cleanup()
  await open()
  expect(field().value).toBe('Half a thou')
})

it('replies to a message', async () => {
  await open()
  await menuOf('Do you sing?')
  await press('Reply')
  expect(screen.getByText(/^Reply to .?Nora/)).toBeTruthy()
  write('All day')
  await press('Send')
  expect(commands.at(-1)?.body).toEqual({ text: 'All day', reply: 1 })
  expect(screen.queryByText(/^Reply to .?Nora/)).toBeNull()
})

it('reacts, with the menu and with the reaction itself', async () => {
  await open()
  await menuOf('Do you sing?')
  await press('React with 👍')
  expect(commands.at(-1)).toMatchObject({ method: 'PUT', id: 'm-1', body: { emoji: '👍' } })
  await press('Take back 👍')
  expect(commands.at(-1)).toMatchObject({ method: 'DELETE', id: 'm-1' })
})

it('edits one’s own, and keeps the draft meanwhile', async () => {
  await open()
  write('draft')
  await menuOf('Only in the car')
  await press('Edit')
  expect(field().value).toBe('Only in the car')
  write('Only under the shower')
  await press('Save')
  expect(commands.at(-1)).toMatchObject({
    method: 'PATCH',
    id: 'm-2',
    body: { text: 'Only under the shower' },
  })
  expect(of('Only under the shower').getByText('Edited')).toBeTruthy()
  expect(field().value).toBe('draft')
})

it('edits and deletes nothing of theirs, and nothing too late', async () => {
  stored = [said(1, 'Theirs'), said(2, 'Long ago', { mine: true, at: now - 16 * 60_000 })]
  await open()
  await menuOf('Theirs')
  expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull()
  expect(screen.queryByRole('button', { name: 'Delete' })).toBeNull()
  await press('Close')
  await menuOf('Long ago')
  expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Delete' })).toBeTruthy()
})

it('deletes for both, after asking', async () => {
  await open()
  await menuOf('Only in the car')
  await press('Delete')
  vi.useFakeTimers()
  const dialog = screen.getByRole('alertdialog', { name: 'Delete this message?' })
  fireEvent.click(within(dialog).getByRole('button', { name: 'Delete for both' }), { detail: 0 })
  vi.useRealTimers()
  await waitFor(() => expect(screen.getByText('Message deleted')).toBeTruthy())
  expect(screen.queryByText('Only in the car')).toBeNull()
})

it('shows what comes, and that somebody writes', async () => {
  await open()
  await tell({ type: 'typing', person_id: nora.id })
  expect(screen.getByText('Typing…')).toBeTruthy()
  const next = said(3, 'Loudly?')
  await tell({ type: 'message', person_id: nora.id, seq: 3, message: next, unread: 1 })
  expect(screen.getByText('Loudly?')).toBeTruthy()
  expect(screen.queryByText('Typing…')).toBeNull()
})

it('begins with their voice where nobody has said anything, and takes the focus', async () => {
  stored = []
  await open()
  expect(screen.getByRole('heading', { name: /^Write .?Nora.? a first message/ })).toBeTruthy()
  expect(document.activeElement).toBe(field())
})

it('tries again where the messages did not come', async () => {
  const get = vi.spyOn(api, 'GET').mockImplementation((async () => {
    throw new Problem({ code: 'internal', status: 500, detail: '' })
  }) as never)
  await open()
  expect(screen.getByRole('heading', { name: 'Your messages didn’t load' })).toBeTruthy()
  get.mockImplementation((async () => ({ data: page(stored) })) as never)
  await press('Try again')
  expect(screen.getByText('Do you sing?')).toBeTruthy()
})

it('blames the connection, and nothing else, where there is none', async () => {
  vi.spyOn(api, 'GET').mockImplementation((async () => {
    throw Problem.offline()
  }) as never)
  await open()
  expect(screen.getByRole('heading', { name: 'No connection' })).toBeTruthy()
  expect(screen.getByText(/^We can’t reach the server/)).toBeTruthy()
  expect(screen.queryByText(/on our side|didn’t go through/)).toBeNull()
})

it('leads to who they are', async () => {
  const { at } = await showPage(<ChatPage person={nora.id} call={() => null} />)
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: /Nora.?’s profile/ }))
  })
  expect(at()).toBe(`/chats/${about.person}/profile`)
})

const spoken = (heard: boolean) => ({ voice: { ms: 12_000, peaks: [40, 200, 90], heard } })

it('shows voice messages: their length, their text on demand, and whether they were played', async () => {
  stored = [
    said(1, 'The number three', spoken(false)),
    said(2, '', {
      mine: true,
      ...spoken(true),
      reply: { n: 1, mine: false, text: '', voice_ms: 12_000 },
    }),
  ]
  await open()
  expect(screen.getAllByRole('button', { name: 'Play voice message, 0:12' })).toHaveLength(2)
  expect(screen.getByText('Not played yet')).toBeTruthy()
  expect(screen.getByText('Played')).toBeTruthy()
  expect(screen.getByRole('button', { name: /Nora.*Voice message, 0:12/ })).toBeTruthy()
  expect(screen.queryByText('The number three')).toBeNull()
  await press('Text')
  expect(screen.getByText('The number three')).toBeTruthy()
})

it('records by key, keeps a draft, takes words to it, and sends', async () => {
  await open()
  await press('Record a voice message')
  await press('Stop and listen first')
  expect(screen.getByRole('button', { name: 'Play voice message, 0:04' })).toBeTruthy()
  cleanup()
  await open()
  const words = screen.getByRole('textbox', { name: 'What the recording says, in writing' })
  fireEvent.change(words, { target: { value: 'The number three' } })
  await press('Send voice message')
  await waitFor(() =>
    expect(commands.filter(({ path }) => path.endsWith('/voice'))).toHaveLength(1),
  )
  expect(outgoing.get().drafts.get(nora.id)).toBeUndefined()
  expect(screen.getByRole('button', { name: 'Record a voice message' })).toBeTruthy()
})

it('throws a recording away, and takes that back', async () => {
  await open()
  await press('Record a voice message')
  await press('Discard recording')
  expect(outgoing.get().drafts.get(nora.id)).toBeUndefined()
  expect(commands.filter(({ path }) => path.endsWith('/voice'))).toEqual([])
})

it('adds a text to one’s own voice message, and takes it away', async () => {
  stored = [said(1, '', { mine: true, ...spoken(false), at: now - 60_000 })]
  await open()
  await press('Message options')
  await press('Add text')
  fireEvent.change(screen.getByRole('textbox', { name: /^What the recording says/ }), {
    target: { value: 'It was a tram' },
  })
  await press('Save')
  expect(commands.at(-1)).toMatchObject({ method: 'PATCH', body: { text: 'It was a tram' } })
})

/** Nora and this person have not matched. */
function unmatched(asked: 'mine' | 'theirs') {
  const state = { ...matches.get(), status: 'ready', matches: [], unseen: 0 }
  vi.spyOn(matches, 'get').mockReturnValue(state as unknown as ReturnType<typeof matches.get>)
  const one = chat(nora.id, {
    person: nora,
    match: false,
    asked,
    until: Date.UTC(2027, 2, 6),
  })
  vi.spyOn(chats, 'get').mockReturnValue({
    ...chats.get(),
    status: 'ready',
    chats: asked === 'mine' ? [one] : [],
  } as ReturnType<typeof chats.get>)
  const card = { ...nora, clips: [], badges: [], interests: [], languages: ['it'], language: 'it' }
  vi.spyOn(api, 'GET').mockImplementation((async (path: string) => ({
    data: path === '/api/people/{person}' ? card : page(stored),
  })) as never)
  vi.spyOn(requests, 'get').mockReturnValue({
    status: 'ready',
    requests: asked === 'theirs' ? [one] : [],
  })
}

it('shows a request without a mark of it, and opens the chat once it is accepted', async () => {
  stored = [said(1, 'Which choir is that?')]
  unmatched('theirs')
  await open()
  expect(await screen.findByText('Which choir is that?')).toBeTruthy()
  expect(screen.getByRole('heading', { name: /Nora.* wants to chat with you/ })).toBeTruthy()
  expect(commands).toEqual([])
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Accept' })))
  expect(commands.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'PUT /api/chats/{person}/accept',
  ])
})

it('declines a request, after asking: it is final', async () => {
  stored = [said(1, 'Which choir is that?')]
  unmatched('theirs')
  await open()
  fireEvent.click(screen.getByRole('button', { name: 'Decline' }))
  expect(commands).toEqual([])
  const sheet = await screen.findByRole('alertdialog', { name: /^Decline .?Nora.?’s request/ })
  await act(async () => fireEvent.click(within(sheet).getByRole('button', { name: 'Decline' })))
  expect(commands.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'DELETE /api/chats/{person}',
  ])
})

it('waits for the answer to one’s own request, and takes it back', async () => {
  stored = [said(1, 'Which choir is that?', { mine: true })]
  unmatched('mine')
  await open()
  expect(await screen.findByText('Which choir is that?')).toBeTruthy()
  expect(screen.queryByRole('textbox')).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Take the request back' }))
  const sheet = await screen.findByRole('alertdialog')
  await act(async () =>
    fireEvent.click(within(sheet).getByRole('button', { name: 'Take it back' })),
  )
  expect(commands.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'DELETE /api/chats/{person}',
  ])
})

it('gives a request that only greets back to its field, and says nothing of waiting', async () => {
  stored = []
  unmatched('mine')
  await open()
  refusal = new Problem({ code: 'message.greeting', status: 422, detail: '' })
  write('hi')
  await press('Send')
  await waitFor(() => expect(field().value).toBe('hi'))
  expect(screen.getByText(/a little more than a greeting/)).toBeTruthy()
  expect(screen.queryByRole('heading', { name: /Waiting for/ })).toBeNull()
})

it('waits with a request that has not reached the server, and takes no second one', async () => {
  stored = []
  unmatched('mine')
  await open()
  refusal = Problem.offline()
  write('Which choir is that?')
  await press('Send')
  expect(await screen.findByText('Waiting for a connection')).toBeTruthy()
  expect(screen.queryByRole('heading', { name: /Waiting for .*Nora/ })).toBeNull()
  expect(field().readOnly).toBe(true)
  expect(screen.queryByRole('button', { name: 'Record a voice message' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Send' }).getAttribute('aria-disabled')).toBe('true')
  const tries = commands.length
  fireEvent.submit(field())
  expect(commands).toHaveLength(tries)
})

const theyDelete = () => {
  const message = said(1, '', { deleted: true, seq: 3 })
  return tell({ type: 'message', person_id: nora.id, seq: 3, message, unread: 0 })
}

it('closes the menu of a message that is deleted meanwhile', async () => {
  await open()
  await menuOf('Do you sing?')
  expect(screen.getByRole('dialog', { name: 'Message options' })).toBeTruthy()
  await theyDelete()
  expect(screen.queryByRole('dialog', { name: 'Message options' })).toBeNull()
  expect(screen.queryByText('Do you sing?')).toBeNull()
})

it('cites nothing that was deleted meanwhile', async () => {
  await open()
  await menuOf('Do you sing?')
  await press('Reply')
  await theyDelete()
  expect(screen.getByText(/^Reply to .?Nora/)).toBeTruthy()
  expect(screen.queryByText('Do you sing?')).toBeNull()
})

/** jsdom has no clipboard. */
const clipboard = (writeText: (text: string) => Promise<void>) =>
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } })

const offered = () =>
  within(screen.getByRole('dialog', { name: 'Message options' }))
    .getAllByRole('button')
    .map((one) => one.getAttribute('aria-label') ?? one.textContent)

it('offers nothing with a message of a request that the server refuses', async () => {
  clipboard(async () => {})
  stored = [said(1, 'Which choir is that?')]
  unmatched('theirs')
  await open()
  await menuOf('Which choir is that?')
  expect(offered()).toEqual(['Close', 'Copy', 'Accept'])
  await act(async () => {
    fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Accept' }))
  })
  expect(commands.map(({ path }) => path)).toEqual(['/api/chats/{person}/accept'])
  cleanup()

  stored = [said(1, 'Which choir is that?', { mine: true })]
  unmatched('mine')
  await open()
  await menuOf('Which choir is that?')
  expect(offered()).toEqual(['Close', 'Copy', 'Delete'])
})

it('says so where the browser does not let it copy', async () => {
  clipboard(async () => {
    throw new DOMException('no', 'NotAllowedError')
  })
  await showPage(
    <>
      <ChatPage person={nora.id} call={() => null} />
      <Toaster />
    </>,
  )
  await menuOf('Do you sing?')
  await press('Copy')
  expect(await screen.findByText('Your browser didn’t allow copying.')).toBeTruthy()
})

it('edits what was just sent, also where the clock is a day ahead', async () => {
  const truth = now - 86_400_000
  heardDate(new Date(truth).toUTCString())
  stored = [said(1, 'Only in the car', { mine: true, at: truth - 60_000 })]
  await open()
  await menuOf('Only in the car')
  expect(screen.getByRole('button', { name: 'Edit' })).toBeTruthy()
})
