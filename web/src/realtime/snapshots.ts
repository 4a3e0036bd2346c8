import { deleteDB, type IDBPDatabase, openDB } from 'idb'
import { me } from '../api'

/**
 * What was read last, kept in IndexedDB for a start without network. It is of one account, and gone when
 * they are. It never fails: without storage it keeps nothing.
 */

const NAME = 'heyy-snapshots'
const STORE = 'snapshots'
/** In the key of a conversation. */
const CHAT = '/chat/'
/** Conversations that are kept; those saved last. */
const MOST = 20
const SAVE_AFTER_MS = 500

interface Record {
  value: unknown
  savedAt: number
}

let opening: Promise<IDBPDatabase> | undefined

async function run<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T | undefined> {
  try {
    opening ??= openDB(NAME, 1, {
      upgrade(db) {
        db.createObjectStore(STORE).createIndex('savedAt', 'savedAt')
      },
      // Signed out in another tab: that may delete it.
      blocking: () => void close(),
    })
    return await work(await opening)
  } catch {
    opening = undefined
    return undefined
  }
}

async function close(): Promise<void> {
  const open = opening
  opening = undefined
  await open?.then((db) => db.close()).catch(() => undefined)
}

const account = () => {
  const who = me.get()
  return who.status === 'in' ? who.me.id : undefined
}

/** One thing that is kept, by its name. */
export class Snapshot<T> {
  #cancel: ReturnType<typeof setTimeout> | undefined
  #key: string | undefined

  constructor(private readonly name: string) {}

  #own(): string | undefined {
    const who = account()
    return who === undefined ? undefined : `${who}/${this.name}`
  }

  load = async (): Promise<T | undefined> => {
    const key = this.#own()
    if (key === undefined) return undefined
    const found: Record | undefined = await run((db) => db.get(STORE, key))
    return key === this.#own() ? (found?.value as T | undefined) : undefined
  }

  /** Soon: what changes at once is written once. */
  save = (value: T): void => {
    const key = this.#own()
    if (key === undefined) return
    this.#key = key
    clearTimeout(this.#cancel)
    this.#cancel = setTimeout(() => {
      if (key !== this.#own()) return
      void run(async (db) => {
        await db.put(STORE, { value, savedAt: Date.now() } satisfies Record, key)
        await prune(db)
      })
    }, SAVE_AFTER_MS)
  }

  drop = (): void => {
    clearTimeout(this.#cancel)
    const key = this.#key ?? this.#own()
    if (key !== undefined) void run((db) => db.delete(STORE, key))
  }
}

async function prune(db: IDBPDatabase): Promise<void> {
  const keys = await db.getAllKeysFromIndex(STORE, 'savedAt')
  const chats = keys.map(String).filter((key) => key.includes(CHAT))
  for (const key of chats.slice(0, -MOST)) await db.delete(STORE, key)
}

/** Nobody is in: nothing of them stays to be read. */
async function clear(): Promise<void> {
  await close()
  await deleteDB(NAME).catch(() => undefined)
}

me.subscribe(() => {
  if (me.get().status === 'out') void clear()
})

/** The newest messages with somebody. */
export const chatSnapshot = <T>(person: string) => new Snapshot<T>(`chat/${person}`)
