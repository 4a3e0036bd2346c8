import { useSyncExternalStore } from 'react'

/** What every live model looks like from the outside. */
export type Readable<T> = {
  subscribe(changed: () => void): () => void
  get(): T
}

export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get)
}

export class Writable<T> implements Readable<T> {
  #value: T
  #watchers = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }

  get = (): T => this.#value

  set = (value: T): void => {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const watcher of [...this.#watchers]) watcher()
  }

  subscribe = (changed: () => void): (() => void) => {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }
}
