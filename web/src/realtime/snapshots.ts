import { deleteDB, type IDBPDatabase, openDB } from 'idb'
import { me, onGoodbye } from '../api'

/**
 * What was read last, kept in IndexedDB for a start without network. It is of one account, and gone when
 * they are. It never fails: without storage it keeps nothing.
 */

const NAME = 'heyy-snapshots'
const STORE = 'snapshots'
/** Conversations that are kept; those saved last. */
const MOST = 20
const SAVE_AFTER_MS = 200

interface Row {
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
      // Another tab signs out and deletes it.
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

/** The key of something of whoever is in; undefined: nobody is. */
function keyOf(name: string): string | undefined {
  const who = me.get()
  return who.status === 'in' ? `${who.me.id}/${name}` : undefined
}

const CHAT = 'chat/'

/** A value that is kept, by its name. */
export class Snapshot<T> {
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly name: string) {}

  load = async (): Promise<T | undefined> => {
    const key = keyOf(this.name)
    if (key === undefined) return undefined
    const found: Row | undefined = await run((db) => db.get(STORE, key))
    return key === keyOf(this.name) ? (found?.value as T | undefined) : undefined
  }

  /** Soon: what changes together is written once. `after` runs behind it. */
  save = (value: T, after?: () => Promise<void>): void => {
    const key = keyOf(this.name)
    if (key === undefined) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (key !== keyOf(this.name)) return
      void run(async (db) => {
        await db.put(STORE, { value, savedAt: Date.now() } satisfies Row, key)
        const keys = await db.getAllKeysFromIndex(STORE, 'savedAt')
        const old = keys.map(String).filter((one) => one.includes(`/${CHAT}`))
        for (const one of old.slice(0, -MOST)) await db.delete(STORE, one)
      }).then(after)
    }, SAVE_AFTER_MS)
  }
}

/** The newest messages with somebody. */
export const chatSnapshot = <T>(person: string) => new Snapshot<T>(CHAT + person)

/** Deletes the conversations with everybody else: they have ended. */
export async function keepChatsWith(people: readonly string[]): Promise<void> {
  const chats = keyOf(CHAT)
  if (chats === undefined) return
  await run(async (db) => {
    const keys = await db.getAllKeys(STORE, IDBKeyRange.bound(chats, `${chats}\uffff`))
    for (const key of keys.map(String)) {
      if (!people.includes(key.slice(chats.length))) await db.delete(STORE, key)
    }
  })
}

/** Nothing of who has gone stays to be read. */
async function clear(): Promise<void> {
  await close()
  await deleteDB(NAME).catch(() => undefined)
}

onGoodbye(clear)
// Their session has ended elsewhere.
me.subscribe(() => {
  if (me.get().status === 'out') void clear()
})
