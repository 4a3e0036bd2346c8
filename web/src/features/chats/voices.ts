import { useEffect } from 'react'
import { type Message, type Person, uuid } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { clock } from '../../people'
import { chats } from '../../realtime/chats'
import type { Conversation } from '../../realtime/conversation'
import { addressOf } from '../../realtime/messages'
import { outgoing, type Words } from '../../realtime/outgoing'
import type { Draft, Sound } from '../../realtime/queue'
import { player, type Recording } from '../../voice/player'
import type { Take } from '../../voice/recorder'
import { levelsOf } from '../../voice/recorder-sound'

/** As many as the server measures. */
const PEAKS = 64

/** What is said of a voice message where it cannot be heard: its text, or how long it is. */
export function useSaid(): (of: {
  text: string
  voice_ms?: number
  voice?: { ms: number }
}) => string {
  const { t } = useTranslation()
  return ({ text, voice, voice_ms = voice?.ms }) =>
    text !== '' || voice_ms === undefined ? text : t('chats.voice.what', { time: clock(voice_ms) })
}

/** Voice messages of one conversation, as the player knows them. */
export function useRecordings(
  person: Pick<Person, 'id' | 'name' | 'voice'>,
  talk: Pick<Conversation, 'get' | 'subscribe' | 'listened'>,
): (message: Message) => Recording {
  const { t } = useTranslation()
  // Deleted here, or while nobody told us: the event alone would miss it.
  useEffect(
    () =>
      talk.subscribe(() => {
        const { key } = player.get()
        const isGone = ({ id, deleted }: Message) => deleted && addressOf(person.id, id) === key
        if (key !== undefined && talk.get().messages.some(isGone)) player.dropOne(key)
      }),
    [talk, person.id],
  )
  const name = isolate(person.name)
  const of = (message: Message): Recording => {
    const beside = (is: (n: number) => boolean, way: 'find' | 'findLast') => () => {
      const found = talk.get().messages[way]((one) => one.voice !== undefined && is(one.n))
      return found && of(found)
    }
    const url = addressOf(person.id, message.id)
    return {
      key: url,
      url,
      title: t(message.mine ? 'chats.voice.to' : 'chats.voice.from', { name }),
      person,
      message: true,
      onBegin: () => talk.listened(message),
      // Plays on to what was not heard yet; of one's own, nothing waits.
      next() {
        const found = talk
          .get()
          .messages.find((one) => one.n > message.n && !one.mine && one.voice?.heard === false)
        return found && of(found)
      },
      previous: beside((n) => n < message.n, 'findLast'),
    }
  }
  return of
}

/** A recording that has not left this device. */
export const localRecording = (
  person: Pick<Person, 'id' | 'name' | 'voice'>,
  key: string,
  { bytes, type }: Sound,
): Recording => ({ key, url: '', sound: () => new Blob([bytes], { type }), person, message: true })

/** Each recording is another one to the player. */
const draftKeys = new WeakMap<Sound, string>()
export function draftRecording(
  person: Pick<Person, 'id' | 'name' | 'voice'>,
  sound: Sound,
): Recording {
  const key = draftKeys.get(sound) ?? `draft/${uuid()}`
  draftKeys.set(sound, key)
  return localRecording(person, key, sound)
}

/** Drafts that are about to be sent, as soon as they are encoded. */
const leaving = new WeakSet<Sound>()
export const isLeaving = (sound: Sound): boolean => leaving.has(sound)

/** What was said, as it was heard. */
const soundOf = (take: Take): Sound => ({
  bytes: take.raw(),
  type: 'audio/wav',
  ms: Math.round(take.ms),
  peaks: levelsOf(take.bars, PEAKS).map((level) => Math.round(level * 255)),
})

/**
 * Before another recording becomes the draft of a conversation: the one that is there waits among what
 * goes out for its author to send it or throw it away; one that is leaving leaves.
 */
export function makeRoom(person: string): void {
  const draft = outgoing.get().drafts.get(person)
  if (!draft?.voice) return
  if (isLeaving(draft.voice)) {
    sendVoiceDraft(person)
    return
  }
  outgoing.draft(person, undefined)
  outgoing.hold(person, wordsOf(draft))
}

/**
 * Sends what was said about a moment, or keeps it as the draft of the conversation; beside one that is
 * there it waits among what goes out. What was being written there is another message: the queue sends
 * and encodes the answer without it.
 */
export function answerMoment(person: string, moment: string, take: Take, send: boolean): void {
  if (chats.get().gone.has(person)) return
  const voice = soundOf(take)
  const draft = outgoing.get().drafts.get(person)
  if (send) outgoing.send(person, { text: '', voice, moment })
  else if (draft?.voice) outgoing.hold(person, { text: '', voice, moment })
  else outgoing.draft(person, { text: '', ...draft, voice, moment })
}

/**
 * Keeps what was said as the draft of a conversation, at once and as it was heard; then encoded, and
 * sent if that is wished.
 */
export async function keepTake(person: string, take: Take, send: boolean): Promise<void> {
  // With the match goes what was being said.
  if (chats.get().gone.has(person)) return
  const sound = soundOf(take)
  if (send) leaving.add(sound)
  makeRoom(person)
  const { moment: _, ...before } = outgoing.get().drafts.get(person) ?? { text: '' }
  outgoing.draft(person, { ...before, voice: sound })
  const bytes = await take
    .file()
    .then((file) => file.arrayBuffer())
    // Offline, before there was an encoder: the queue encodes it later.
    .catch(() => undefined)
  const draft = outgoing.get().drafts.get(person)
  if (draft?.voice !== sound) return
  const voice: Sound = bytes ? { ...sound, bytes, type: 'audio/ogg' } : { ...sound }
  outgoing.draft(person, { ...draft, voice })
  if (send) sendVoiceDraft(person)
}

const wordsOf = ({ text, voice, reply, moment }: Draft): Words => ({
  text: text.trim(),
  ...(voice ? { voice } : {}),
  ...(reply ? { reply } : {}),
  ...(moment ? { moment } : {}),
})

/** Sends the recording of a draft with its text, and leaves nothing of the draft. */
export function sendVoiceDraft(person: string): void {
  const draft = outgoing.get().drafts.get(person)
  if (!draft?.voice) return
  outgoing.draft(person, undefined)
  outgoing.send(person, wordsOf(draft))
}
