import { UserCheck, UserPlus } from 'lucide-react'
import { me } from '../api'
import { isolate, useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { bonds } from '../realtime/bonds'
import { Button, Skeleton, toast, useStore } from '../ui'
import { useBonds } from './useBonds'

/** Follows somebody, or does not any more. It shows at once, and is taken back if the server refuses. */
export function FollowButton({ person }: { person: { id: string; name: string } }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const state = useBonds()
  const who = useStore(me)
  const { id } = person
  const name = isolate(person.name)

  async function follow(on: boolean) {
    const problem = await bonds.follow(id, on)
    if (problem) toast({ text: say(problem) })
    else if (on) toast({ text: () => t('people.follow.done', { name }) })
    else {
      toast({
        text: () => t('people.follow.undone', { name }),
        action: { label: t('people.follow.undo'), run: () => void follow(true) },
      })
    }
  }

  if (who.status === 'in' && who.me.id === id) return null
  if (state.status === 'loading') return <Skeleton width="7.5rem" height="2.75rem" />
  const on = state.following.has(id)
  return (
    <Button
      look="quiet"
      icon={on ? UserCheck : UserPlus}
      busy={state.going.has(id)}
      aria-label={t(on ? 'people.follow.onLong' : 'people.follow.doLong', { name })}
      onClick={() => void follow(!on)}
    >
      {t(on ? 'people.follow.on' : 'people.follow.do')}
    </Button>
  )
}
