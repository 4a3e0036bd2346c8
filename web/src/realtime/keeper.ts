import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Draft, Outgoing } from './queue'

/** A record of what is kept; each has a place of its own, for two windows may write at once. */
export type Kept = { account: string; person: string } & (
  | { outgoing: Outgoing; draft?: undefined }
  | { draft: Draft; outgoing?: undefined }
)

/** Keeps what was written and not sent, over a reload. It never fails: without storage it keeps nothing. */
export interface Keeper {
  /** What this account has kept, in the order of sending. What others have kept is deleted. */
  load(account: string): Promise<Kept[]>
  put(kept: Kept): Promise<void>
  drop(key: { account: string; person: string; id?: string }): Promise<void>
  clear(account: string): Promise<void>
}

interface Shape extends DBSchema {
  unsent: { key: string; value: Kept }
}

/** Of an outgoing message with its id, of a draft without. */
const keyOf = (of: { account: string; person: string; id?: string }) =>
  [of.account, of.person, of.id ?? ''].join('/')

/** In IndexedDB. */
export function browserKeeper(): Keeper {
  let opening: Promise<IDBPDatabase<Shape>> | undefined
  async function run<T>(work: (db: IDBPDatabase<Shape>) => Promise<T>): Promise<T | undefined> {
    try {
      opening ??= openDB<Shape>('heyy', 1, {
        upgrade(db) {
          db.createObjectStore('unsent')
        },
      })
      return await work(await opening)
    } catch {
      // Forbidden, full or broken: what is written lives as long as the page.
      return undefined
    }
  }
  return {
    async load(account) {
      const all = await run(async (db) => {
        const found: Kept[] = []
        const tx = db.transaction('unsent', 'readwrite')
        for await (const cursor of tx.store) {
          if (cursor.value.account === account) found.push(cursor.value)
          else await cursor.delete()
        }
        await tx.done
        return found
      })
      return (all ?? []).sort((a, b) => (a.outgoing?.at ?? 0) - (b.outgoing?.at ?? 0))
    },
    async put(kept) {
      const key = keyOf({ ...kept, ...(kept.outgoing ? { id: kept.outgoing.id } : {}) })
      await run(async (db) => {
        const tx = db.transaction('unsent', 'readwrite')
        void tx.store.put(kept, key)
        // A page that closes takes along what it has not said to be complete.
        tx.commit()
        await tx.done
      })
    },
    async drop(key) {
      await run((db) => db.delete('unsent', keyOf(key)))
    },
    async clear(account) {
      await run((db) => db.delete('unsent', IDBKeyRange.bound(`${account}/`, `${account}/\uffff`)))
    },
  }
}
