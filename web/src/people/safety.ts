import { api, type Clip, type ReportReason } from '../api'
import { reportReasonKeys } from '../i18n/vocabulary.gen'
import { bonds } from '../realtime/bonds'
import { forgetChat } from './chatWith'

const watchers = new Set<(person: string) => void>()

/** Tells fn whom this person has just blocked or reported: whatever shows them lets them go. */
export function onBlocked(fn: (person: string) => void): () => void {
  watchers.add(fn)
  return () => watchers.delete(fn)
}

function exclude(person: string): void {
  bonds.drop(person)
  forgetChat(person)
  bonds.drop(person)
  for (const watcher of watchers) watcher(person)
}

const about = (person: string) => ({ params: { path: { person } } })

/** The two never meet again. They are not told. */
export async function block(person: string): Promise<void> {
  await api.PUT('/api/people/{person}/block', about(person))
  exclude(person)
}

export const reportReasons: readonly ReportReason[] = reportReasonKeys

/** Where something happened: in the clip of theirs that plays, or was heard, or else at `place`. */
export function placeOf(
  place: string,
  clips: readonly Clip[] = [],
  played: { get(): { key: string | undefined }; heard(key: string): number },
): string {
  const keys = clips.map((clip) => clip.url.split('?')[0] ?? clip.url)
  const key = keys.find((k) => k === played.get().key) ?? keys.find((k) => played.heard(k) > 0)
  return key ? `clip:${key.split('/').at(-1)}` : place
}

/** Tells the moderators; the two never meet again, as after a block. */
export async function report(
  person: string,
  said: { reason: ReportReason; note: string; place: string },
): Promise<void> {
  await api.POST('/api/people/{person}/report', { ...about(person), body: said })
  exclude(person)
}
