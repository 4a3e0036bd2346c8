import { type MomentAuthor, me, type OwnMoment, type Person, serverNow } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { isUnheard, live, type MomentList } from '../../realtime/momentList'
import { markHeard, moments, newMoments } from '../../realtime/moments'
import type { Recording } from '../../voice/player'

/** One moment with its author. */
export interface Item {
  person: Person
  /** The way to the chat, where it is answered; undefined: there is none. */
  chat: MomentAuthor['chat']
  moment: MomentAuthor['moments'][number] | OwnMoment
  mine: boolean
}

export type Source = 'known' | 'new'

const storeOf = (source: Source) => (source === 'known' ? moments : newMoments)

/** A moment that can be answered. */
export type Answerable = Item & { chat: NonNullable<MomentAuthor['chat']> }

/** In the order in which the rail showed them when somebody began to listen. */
let order: readonly string[] = []
let source: Source = 'known'

/** From where one plays on to the next. */
export function begin(from: Source): void {
  source = from
  order = now(from).people.map(({ person }) => person.id)
}

const now = (of: Source): MomentList => live(storeOf(of).get(), serverNow())

/** Where somebody's moments are. */
export const sourceOf = (person: string): Source =>
  newMoments.get().people.some((one) => one.person.id === person) ? 'new' : 'known'

/** What somebody has to be heard, the oldest first. */
export function itemsOf(person: string, from: Source): Item[] {
  const { mine, people } = now(from)
  const who = me.get()
  if (who.status === 'in' && who.me.id === person) {
    return mine.map((moment) => ({ person: who.me, chat: undefined, moment, mine: true }))
  }
  const author = people.find((one) => one.person.id === person)
  if (!author) return []
  const { person: whose, chat } = author
  return author.moments.map((moment) => ({ person: whose, chat, moment, mine: false }))
}

/** Where somebody begins: at the first they have not heard. */
export const firstOf = (items: readonly Item[]): Item | undefined =>
  items.find(({ moment }) => 'heard' in moment && !moment.heard) ?? items[0]

/** Behind the last of somebody's comes whoever is next and has something unheard. */
function after({ person, moment }: Item): Item | undefined {
  const items = itemsOf(person.id, source)
  const at = items.findIndex((one) => one.moment.id === moment.id)
  const next = items[at + 1]
  if (next) return next
  const { people } = now(source)
  // Whoever is in no order yet has posted meanwhile.
  const since = people.map((one) => one.person.id).filter((id) => !order.includes(id))
  const others = [...order, ...since]
  for (const id of others.slice(others.indexOf(person.id) + 1)) {
    const author = people.find((one) => one.person.id === id)
    if (author && id !== person.id && isUnheard(author)) return firstOf(itemsOf(id, source))
  }
  return undefined
}

function before({ person, moment }: Item): Item | undefined {
  const items = itemsOf(person.id, source)
  const at = items.findIndex((one) => one.moment.id === moment.id)
  const previous = items[at - 1]
  if (previous) return previous
  for (const id of order.slice(0, Math.max(0, order.indexOf(person.id))).reverse()) {
    const last = itemsOf(id, source).at(-1)
    if (last) return last
  }
  return undefined
}

/** Moments as the player knows them: one plays on to the next, as a radio. */
export function useRecordings(): (item: Item) => Recording {
  const { t } = useTranslation()
  const of = (item: Item): Recording => {
    const { person, moment, mine } = item
    const url = `/api/moments/${moment.id}/audio`
    const beside = (find: (item: Item) => Item | undefined) => () => {
      const found = find(item)
      return found && of(found)
    }
    return {
      key: url,
      url,
      title: mine ? t('moments.own') : t('moments.from', { name: isolate(person.name) }),
      person,
      message: true,
      moment: moment.id,
      onBegin: () => {
        if (!mine) markHeard(moment.id)
      },
      next: beside(after),
      previous: beside(before),
    }
  }
  return of
}
