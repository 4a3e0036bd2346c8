import { Writable } from '../ui/store'
import { actAs, answer, api, onRefusal } from './client'
import { Problem } from './problem'
import type { Me } from './types'

export type MeState =
  | { status: 'loading' }
  /** 'anew': the page is on its way out, too. */
  | { status: 'out'; anew?: true }
  | { status: 'in'; me: Me }
  | { status: 'offline' }

const state = new Writable<MeState>({ status: 'loading' })

/** Who is using this browser. */
export const me = { get: state.get, subscribe: state.subscribe }

let loading: Promise<void> | undefined

/** Asks the server who we are. While it cannot be reached, somebody who is in stays in. */
export function loadMe(): Promise<void> {
  loading ??= ask().finally(() => {
    loading = undefined
  })
  return loading
}

async function ask() {
  try {
    setMe(await answer(api.GET('/api/me')))
  } catch (thrown) {
    // Whoever was in is out already, and their page on its way: see onRefusal.
    if (state.get().status === 'out') return
    const { status, code } = Problem.of(thrown)
    if (status === 401) {
      forget()
      state.set({ status: 'out' })
    } else if (state.get().status !== 'in') {
      const last = code === 'offline' ? recalled() : undefined
      if (last) setMe(last)
      else state.set({ status: 'offline' })
    }
  }
}

/** News of whoever is using this page. Somebody else needs a page of their own. */
export function setMe(next: Me): void {
  const now = state.get()
  if (now.status === 'in' && now.me.id !== next.id) {
    startAnew()
    return
  }
  actAs(next.id)
  keep(next)
  state.set({ status: 'in', me: next })
}

const KEPT = 'heyy.me'

/** For a start without network: then what was read last can be read again. The server asks who they are with each command. */
function keep(last: Me): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(last))
  } catch {
    // Without storage nobody is in until the network is back.
  }
}

function recalled(): Me | undefined {
  try {
    // Written by keep above and nobody else.
    return (JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Me | null) ?? undefined
  } catch {
    return undefined
  }
}

/** Whether somebody was signed in here last. */
export const isRemembered = (): boolean => recalled() !== undefined

function forget(): void {
  try {
    localStorage.removeItem(KEPT)
  } catch {
    // There was nothing.
  }
}

/** Somebody has proven here who they are: the other tabs are theirs, too. */
export function signedIn(next: Me): void {
  setMe(next)
  tabs?.postMessage('signed in')
}

const goodbyes = new Set<() => Promise<unknown>>()
const GOODBYE_MS = 1500

/** Runs when somebody signs out here, before the page begins anew: what is theirs must not stay. */
export function onGoodbye(fn: () => Promise<unknown>): void {
  goodbyes.add(fn)
}

export async function signOut(): Promise<void> {
  await api.POST('/api/sign-out').catch((thrown: unknown) => {
    // Already unknown to the server is what we asked for.
    if (Problem.of(thrown).status !== 401) throw thrown
  })
  tabs?.postMessage('signed out')
  await Promise.race([
    Promise.allSettled([...goodbyes].map((fn) => fn())),
    new Promise((late) => setTimeout(late, GOODBYE_MS)),
  ])
  startAnew(true)
}

const FORMER = 'heyy.former'

/** The one thing a test cannot do. */
export const page = { reload: () => location.reload() }

/**
 * A page belongs to one account: what it has read, cached and connected is theirs. When they go, it
 * lets go of every line and begins anew as whoever is in then. Unless they wished it, it says so.
 */
function startAnew(wished = false): void {
  const was = state.get()
  if (was.status !== 'in') return
  try {
    if (!wished) sessionStorage.setItem(FORMER, was.me.id)
  } catch {
    // Without storage nothing is said.
  }
  forget()
  state.set({ status: 'out', anew: true })
  page.reload()
}

/** Whose the page before this one was, if it ended against their wish; asked once. */
export function former(): string | undefined {
  try {
    const account = sessionStorage.getItem(FORMER) ?? undefined
    sessionStorage.removeItem(FORMER)
    return account
  } catch {
    return undefined
  }
}

onRefusal((problem) => {
  if (problem.code === 'session.other_account' || problem.status === 401) startAnew()
})

/** The tabs of this browser tell each other when its cookie changes; who misses it, the server tells. */
const tabs =
  typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('heyy.session')
tabs?.addEventListener('message', () => void loadMe())

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => {
    const { status } = state.get()
    if (status === 'offline' || status === 'in') void loadMe()
  })
  // A tab that slept may have missed that another one signed in.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && state.get().status === 'out') void loadMe()
  })
}
