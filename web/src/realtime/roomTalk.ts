import type {
  CaptionEvent,
  ReactionEvent,
  ReactionsEvent,
  RoomMessageDeletedEvent,
  RoomMessageEvent,
} from '../api/types'
import type { Listener } from './connection'

/** What is told on a room's channel beside the room itself: it has no seq, and nothing waits for it. */
export type TalkEvent =
  | RoomMessageEvent
  | RoomMessageDeletedEvent
  | ReactionEvent
  | ReactionsEvent
  | CaptionEvent

/** Who hears what is written and shown in the room this page is in. */
export interface TalkListener {
  heard(event: TalkEvent, roomId: string): void
  /** Something may have been missed. */
  missed?(roomId: string): void
}

const listeners = new Set<TalkListener>()

export function listenTalk(listener: TalkListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const isTalk = (event: { type: string }): event is TalkEvent =>
  event.type === 'message' ||
  event.type === 'message_deleted' ||
  event.type === 'reaction' ||
  event.type === 'caption' ||
  event.type === 'reactions'

/** The listener of a room's channel, without what goes to those of the talk in it. */
export function withoutTalk<E extends { type: string }>(
  roomId: string,
  listener: Listener<E>,
): Listener<E | TalkEvent> {
  return {
    ...listener,
    event(event) {
      if (!isTalk(event)) listener.event(event)
      else for (const one of listeners) one.heard(event, roomId)
    },
    missed() {
      listener.missed()
      for (const one of listeners) one.missed?.(roomId)
    },
  }
}
