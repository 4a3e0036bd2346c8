import { useCallback, useEffect, useRef, useState } from 'react'
import type { DiscoverCard } from '../../api'
import { useTranslation } from '../../i18n'
import { recordingOf } from '../../people'
import { player } from '../../voice/player'
import { deck } from './deck'

/** A breath between two voices: long enough to read a name. */
const gapMs = 1400

const introOf = (card: DiscoverCard | undefined) => card?.person.clips.find((c) => c.place === 0)

export function recordingFor(card: DiscoverCard | undefined) {
  const intro = introOf(card)
  return card && intro
    ? recordingOf(intro, (place) => deck.renew(card.person.id, place))
    : undefined
}

/**
 * The deck, hands-free: intros one after another. Going on leaves people
 * undecided; who came by once does not come again until it is started anew.
 */
export function useRadio(card: DiscoverCard | undefined, leave: () => void) {
  const { t } = useTranslation()
  const [on, setOn] = useState(false)
  /** Everybody was heard. */
  const [over, setOver] = useState(false)
  const heard = useRef(new Set<string>())
  const id = card?.person.id

  const stop = useCallback(() => {
    setOn(false)
    player.stop()
  }, [])

  const start = useCallback(() => {
    heard.current.clear()
    setOver(false)
    setOn(true)
    const first = recordingFor(deck.get().cards[0])
    // At once, within the tap: browsers allow sound only so.
    if (first) void player.play(first)
  }, [])

  const next = useCallback(() => {
    leave()
    deck.skip()
  }, [leave])

  const again = useCallback(() => {
    const now = recordingFor(deck.get().cards[0])
    if (now) player.seek(now, 0)
  }, [])

  const toggle = useCallback(() => {
    const now = recordingFor(deck.get().cards[0])
    if (player.get().status === 'playing') player.pause()
    else if (now) void player.play(now)
  }, [])

  // Whoever is on top now speaks, after a breath.
  useEffect(() => {
    if (!on) return
    if (id === undefined || heard.current.has(id)) {
      setOver(true)
      stop()
      return
    }
    heard.current.add(id)
    const now = recordingFor(deck.get().cards[0])
    if (!now) {
      deck.skip()
      return
    }
    if (player.get().key === now.key) return
    const timer = setTimeout(() => void player.play(now), gapMs)
    return () => clearTimeout(timer)
  }, [on, id, stop])

  useEffect(() => {
    if (!on) return
    return player.onEnd((key) => {
      if (key === recordingFor(deck.get().cards[0])?.key) next()
    })
  }, [on, next])

  // The day's voices are spent, or the connection is cut: nothing goes on by itself.
  useEffect(() => {
    if (!on) return
    return player.subscribe(() => {
      if (player.get().problem) setOn(false)
    })
  }, [on])

  useMediaKeys(on ? card : undefined, { toggle, again, next, stop, artist: t('discover.radio.on') })

  return { on, over, start, stop, next, again, toggle }
}

type Keys = { toggle(): void; again(): void; next(): void; stop(): void; artist: string }

/** The keys of a headset and of the lock screen. They go on and back, and never choose. */
function useMediaKeys(card: DiscoverCard | undefined, keys: Keys) {
  const now = useRef(keys)
  useEffect(() => {
    now.current = keys
  })
  const { id, name } = card?.person ?? {}
  const { artist } = keys
  const aura = card?.aura

  useEffect(() => {
    const media = navigator.mediaSession
    if (!media || id === undefined) return
    media.metadata = new MediaMetadata({
      title: name,
      artist,
      artwork: aura ? [{ src: aura, sizes: '256x256', type: 'image/png' }] : [],
    })
  }, [id, name, artist, aura])

  const on = card !== undefined
  useEffect(() => {
    const media = navigator.mediaSession
    if (!media || !on) return
    const does: [MediaSessionAction, () => void][] = [
      ['play', () => now.current.toggle()],
      ['pause', () => now.current.toggle()],
      ['nexttrack', () => now.current.next()],
      ['previoustrack', () => now.current.again()],
      ['stop', () => now.current.stop()],
    ]
    for (const [action, run] of does) media.setActionHandler(action, run)
    return () => {
      for (const [action] of does) media.setActionHandler(action, null)
      media.metadata = null
    }
  }, [on])
}
