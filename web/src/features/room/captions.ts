import { useEffect, useRef, useState } from 'react'
import { api, type Room } from '../../api'
import type { CaptionEvent } from '../../api/types'
import { useTranslation } from '../../i18n'
import { listenTalk } from '../../realtime/roomTalk'
import { toast, useStore } from '../../ui'
import { captionsMine } from '../../voice/captionChoices'
import {
  browserRecogniser,
  Captioner,
  type CaptionLine,
  CaptionSender,
  recognisesHere,
} from '../../voice/captioner'
import { trackOf } from '../../voice/levels'
import type { LiveState } from '../../voice/state'

/** A line is read for so long after its last change. */
export const READ_MS = 8000
/** Somebody on stage captions, if they did so lately. */
const LATELY_MS = 120_000
/** Of one person at once. */
const MOST_LINES = 2

export interface Shown {
  line: number
  text: string
  at: number
}
/** By person, the older line first. */
export type Lines = ReadonlyMap<string, readonly Shown[]>

export function withLine(lines: Lines, event: CaptionEvent, at: number): Lines {
  const before = lines.get(event.person_id) ?? []
  const others = before.filter((shown) => shown.line !== event.line)
  const now = [...others, { line: event.line, text: event.text, at }]
    .sort((a, b) => a.line - b.line)
    .slice(-MOST_LINES)
  return new Map([...lines, [event.person_id, now]])
}

export function withoutOld(lines: Lines, now: number): Lines {
  const left = [...lines]
    .map(([who, all]) => [who, all.filter((shown) => shown.at + READ_MS > now)] as const)
    .filter(([, all]) => all.length > 0)
  return new Map(left)
}

/** The lines of those on stage that are read now, and whether anybody there captions. */
export function useCaptions(room: Room): { lines: Lines; captioned: boolean } {
  const [lines, setLines] = useState<Lines>(new Map())
  const [last, setLast] = useState<ReadonlyMap<string, number>>(new Map())
  const { id } = room
  useEffect(
    () =>
      listenTalk({
        heard(event, roomId) {
          if (roomId !== id || event.type !== 'caption') return
          const at = Date.now()
          setLines((all) => withLine(all, event, at))
          setLast((all) => new Map([...all, [event.person_id, at]]))
        },
      }),
    [id],
  )
  const some = lines.size > 0 || last.size > 0
  useEffect(() => {
    if (!some) return
    const timer = setInterval(() => {
      const now = Date.now()
      setLines((all) => (all.size > 0 ? withoutOld(all, now) : all))
      setLast((all) => new Map([...all].filter(([, at]) => at + LATELY_MS > now)))
    }, 1000)
    return () => clearInterval(timer)
  }, [some])
  const sits = (who: string) =>
    room.members.some((m) => m.person.id === who && m.seat !== undefined && m.present)
  return {
    lines: new Map([...lines].filter(([who]) => sits(who))),
    captioned: [...last.keys()].some(sits),
  }
}

export const sendCaption = (room: string, line: CaptionLine, typed: boolean) =>
  api.POST('/api/rooms/{room}/caption', {
    params: { path: { room } },
    body: { ...line, ...(typed ? { typed } : {}) },
  })

/** Whether this device recognises speech by itself; undefined until that is asked for and known. */
export function useRecognises(language: string, asks: boolean): boolean | undefined {
  const [can, setCan] = useState<boolean>()
  useEffect(() => {
    if (!asks) return
    let over = false
    void recognisesHere(browserRecogniser(), language).then((yes) => over || setCan(yes))
    return () => {
      over = true
    }
  }, [language, asks])
  return can
}

/** While its person sits with an open microphone and wishes so, their voice becomes captions here. */
export function useCaptionsOfMyVoice({ room, you, mic }: LiveState): void {
  const on = useStore(captionsMine)
  const speaks = on && you.seat !== undefined && mic === 'open'
  const self = you.person.id
  const { id, language } = room
  const captioner = useRef<Captioner>(undefined)
  const { t } = useTranslation()
  const failed = useRef('')
  failed.current = t('room.captions.failed')
  useEffect(() => {
    const track = speaks ? trackOf(self) : undefined
    if (!track) return
    const sender = new CaptionSender((line) => sendCaption(id, line, false))
    captioner.current = new Captioner(browserRecogniser(), sender.add)
    let over = false
    void captioner.current.start(track, language).then((listens) => {
      if (listens || over) return
      // A language may not be downloaded, or the recogniser would not stay on the device.
      captionsMine.choose(false)
      toast({ text: failed.current })
    })
    return () => {
      over = true
      captioner.current?.stop()
      sender.clear()
    }
  }, [speaks, self, id, language])
}
