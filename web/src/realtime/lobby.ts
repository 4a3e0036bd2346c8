import { answer, api, type Card, Problem, type Store } from '../api'
import { Writable } from '../ui/store'
import { applyCard, applyList, type Cards, type LobbyEvent, noCards } from './cards'
import { listen } from './connection'

export interface LobbyState {
  status: 'loading' | 'ready' | 'error' | 'offline'
  cards: Card[]
}

const RETRY_MS = 3000

const state = new Writable<LobbyState>({ status: 'loading', cards: [] })
let known: Cards = noCards
let users = 0
let stop: (() => void) | undefined
let reading: Promise<void> | undefined
/** Events since the list in flight was asked for; they may be newer than its answer. */
let since: LobbyEvent[] = []

function show(status: LobbyState['status']) {
  state.set({ status, cards: [...known.cards] })
}

function event(payload: unknown) {
  // The payload is one of ours by contract: the channel carries nothing else.
  const said = payload as LobbyEvent
  if (reading) since.push(said)
  const next = applyCard(known, said)
  if (next === known) return
  known = next
  show(state.get().status)
}

function refresh(): Promise<void> {
  reading ??= read().finally(() => {
    reading = undefined
  })
  return reading
}

async function read() {
  since = []
  if (state.get().status === 'error' || state.get().status === 'offline') show('loading')
  try {
    const { rooms } = await answer(api.GET('/api/rooms'))
    known = since.reduce(applyCard, applyList(known, rooms))
    show('ready')
  } catch (thrown) {
    const problem = Problem.of(thrown)
    show(problem.code === 'offline' ? 'offline' : 'error')
    if (problem.code === 'offline') setTimeout(() => users > 0 && void refresh(), RETRY_MS)
  } finally {
    since = []
  }
}

/** Keeps the lobby live until the returned function is called. Several screens may want it at once. */
function start(): () => void {
  users++
  if (users === 1) {
    void refresh()
    const unlisten = listen('lobby', {
      event,
      missed() {
        // An answer already under way may be older than what was missed: ask again after it.
        void (reading ?? Promise.resolve()).then(() => {
          if (users > 0) void refresh()
        })
      },
    })
    const back = () => void refresh()
    window.addEventListener('online', back)
    stop = () => {
      unlisten()
      window.removeEventListener('online', back)
    }
  }
  let done = false
  return () => {
    if (done) return
    done = true
    users--
    if (users === 0) stop?.()
  }
}

/** The live rooms, as cards. */
export const lobby: Store<LobbyState> & { start(): () => void; refresh(): Promise<void> } = {
  get: state.get,
  subscribe: state.subscribe,
  start,
  refresh,
}
