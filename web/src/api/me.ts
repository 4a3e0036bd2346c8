import { Writable } from '../ui/store'
import { answer, api, onRefusal } from './client'
import { Problem } from './problem'
import type { Me } from './types'

export type MeState =
  | { status: 'loading' }
  | { status: 'out' }
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
    if (Problem.of(thrown).status === 401) state.set({ status: 'out' })
    else if (state.get().status !== 'in') state.set({ status: 'offline' })
  }
}

export function setMe(next: Me): void {
  state.set({ status: 'in', me: next })
}

/** Out on this browser: by our own wish, or because the server no longer knows the session. */
export function setOut(): void {
  state.set({ status: 'out' })
}

export async function signOut(): Promise<void> {
  await api.POST('/api/sign-out').catch((thrown: unknown) => {
    // Already unknown to the server is what we asked for.
    if (Problem.of(thrown).status !== 401) throw thrown
  })
  setOut()
}

onRefusal((problem) => {
  if (problem.status === 401 && state.get().status === 'in') setOut()
})

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => {
    if (state.get().status === 'offline') void loadMe()
  })
}
