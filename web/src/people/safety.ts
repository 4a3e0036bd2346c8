import { api, type ReportReason } from '../api'
import { matches } from '../realtime/matches'

const watchers = new Set<(person: string) => void>()

/** Tells fn whom this person has just blocked or reported: whatever shows them lets them go. */
export function onParted(fn: (person: string) => void): () => void {
  watchers.add(fn)
  return () => watchers.delete(fn)
}

function part(person: string): void {
  matches.drop(person)
  for (const watcher of watchers) watcher(person)
}

const about = (person: string) => ({ params: { path: { person } } })

/** The two never meet again. They are not told. */
export async function block(person: string): Promise<void> {
  await api.PUT('/api/people/{person}/block', about(person))
  part(person)
}

export const reportReasons: readonly ReportReason[] = [
  'harassment',
  'hate',
  'sexual',
  'threat',
  'minor',
  'fake',
  'spam',
  'other',
]

/** Tells the moderators; the two never meet again, as after a block. */
export async function report(
  person: string,
  said: { reason: ReportReason; note: string; place: string },
): Promise<void> {
  await api.POST('/api/people/{person}/report', { ...about(person), body: said })
  part(person)
}
