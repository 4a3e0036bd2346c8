import type { DiscoverCard } from '../../api'
import { isolate, translate } from '../../i18n'
import { type Readable, Writable } from '../../ui/store'
import { interrupted } from '../../voice/live'
import { type Player, player, type Recording } from '../../voice/player'
import { type Deck, deck } from './deck'
import { introOf, recordingFor, tellHeard } from './intro'

/** A breath between two voices: long enough to read a name. */
const breathMs = 1400

interface RadioState {
  /** It plays, or would if it were not paused. */
  on: boolean
  /** Everybody was heard. */
  over: boolean
}

interface RadioDeps {
  player: Player
  deck: Pick<Deck, 'get' | 'subscribe' | 'turnTo'>
  interrupted: Readable<boolean>
  /** A card is left: what was heard of it. */
  left(card: DiscoverCard): void
}

/**
 * The deck, hands-free: intros one after another, by the page's player, so that it goes on beside other
 * pages and gives way to calls. Going on leaves people undecided; who came by once does not come again
 * until it is started anew. What plays is on top of the deck, whichever of the two was moved.
 */
export class Radio implements Readable<RadioState> {
  readonly #state = new Writable<RadioState>({ on: false, over: false })
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  /** Who came by. */
  #came = new Set<string>()
  /** Whose intro plays. */
  #now: DiscoverCard | undefined
  /** Whom it knows, by id. */
  #cards = new Map<string, DiscoverCard>()

  constructor(private readonly deps: RadioDeps) {
    deps.player.subscribe(() => this.#followPlayer())
    deps.deck.subscribe(() => this.#followDeck())
  }

  /** Call it from a tap or a key: browsers allow sound only so. */
  start = (): void => {
    this.#came.clear()
    this.#cards.clear()
    this.#state.set({ ...this.get(), over: false })
    const first = this.#next()
    if (first) void this.deps.player.play(first)
  }

  next = (): void => {
    const next = this.#next()
    if (next) void this.deps.player.play(next)
    else this.#end()
  }

  /** The intro of a card as Radio plays it. */
  recordingOf = (card: DiscoverCard): Recording | undefined => {
    const intro = recordingFor(card)
    if (!intro) return undefined
    const recording: Recording = {
      ...intro,
      title: translate('discover.radio.title', { name: isolate(card.person.name) }),
      person: card.person,
      radio: true,
      afterMs: breathMs,
      next: () => this.#next(),
      onEnd: () => {
        if (!this.#next()) this.#state.set({ ...this.get(), over: true })
      },
      ...(card.aura ? { artwork: card.aura } : {}),
    }
    this.#cards.set(card.person.id, card)
    return recording
  }

  #next(): Recording | undefined {
    const card = this.deps.deck
      .get()
      .cards.find((one) => !this.#came.has(one.person.id) && introOf(one))
    return card && this.recordingOf(card)
  }

  #end(): void {
    this.deps.player.stop()
    this.#state.set({ on: false, over: true })
  }

  #followPlayer(): void {
    const { recording, status } = this.deps.player.get()
    const before = this.#now
    const now = recording?.radio && this.#cards.get(recording.person?.id ?? '')
    this.#now = now
    if (now?.person.id !== before?.person.id) {
      if (now) {
        this.#came.add(now.person.id)
        this.deps.deck.turnTo(now.person.id)
      }
      if ((now !== undefined) !== this.get().on) {
        this.#state.set({ ...this.get(), on: now !== undefined })
      }
      // Whoever stays on top is told of when their card is left.
      if (before && this.deps.deck.get().cards[0]?.person.id !== before.person.id) {
        this.deps.left(before)
      }
      // Decided about while a call was heard in its place.
      this.#followDeck()
    }
    if (status !== 'playing' || !now || this.#now !== now) return
    const next = this.#next()
    if (next) this.deps.player.prepare(next)
  }

  #followDeck(): void {
    const now = this.#now
    const { cards, status } = this.deps.deck.get()
    // Whose choice is taken back comes again.
    const here = new Set(cards.map((one) => one.person.id))
    for (const id of this.#came) if (!here.has(id)) this.#came.delete(id)
    const [top] = cards
    if (!now || top?.person.id === now.person.id) return
    // Other people are looked for.
    if (status !== 'ready') this.deps.player.stop()
    // Not into a call; and nobody is heard after it who was decided about.
    else if (this.deps.interrupted.get()) this.deps.player.drop(now.person.id)
    else {
      const next = this.#next()
      if (next) void this.deps.player.play(next, next.afterMs)
      else this.#end()
    }
  }
}

export const radio = new Radio({ player, deck, interrupted, left: tellHeard })
