import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, loadMe, Problem, sayPhrase, takePose, type Verification } from '../../api'
import { inOneLine, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { loadTasks, type Tasks } from '../../i18n/tasks'
import { Recorder } from '../../people/Recorder'
import { Button, Sheet, Skeleton, Trouble } from '../../ui'
import styles from './Me.module.css'
import { Selfie } from './Selfie'
import { useVerification, verificationKey } from './Trust'

/** Four words take about this long. */
const WORDS_MS = 1_500

/** Being verified: words to say, a pose to take, and a moderator who decides. */
export function VerifySheet({ onClose }: { onClose(): void }) {
  const { t, i18n } = useTranslation()
  const say = useProblemText()
  const queries = useQueryClient()
  const state = useVerification()
  const tasks = useQuery({
    queryKey: ['tasks', i18n.language],
    queryFn: () => loadTasks(i18n.language),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [spoken, setSpoken] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  const known = (next: Verification) => {
    queries.setQueryData(verificationKey, next)
    if (next.state === 'approved') void loadMe()
  }

  async function start() {
    setBusy(true)
    setProblem(undefined)
    try {
      known(await answer(api.POST('/api/me/verification')))
    } catch (thrown) {
      setProblem(Problem.of(thrown))
    } finally {
      setBusy(false)
    }
  }

  const error = problem ?? (state.isError ? Problem.of(state.error) : undefined)
  const now = state.data
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('me.verify.title')}
      lead={now && <Lead now={now} spoken={spoken === now.id} tasks={tasks.data} />}
      actions={
        now &&
        (now.state === 'none' || now.state === 'declined') && (
          <Button look="primary" large full busy={busy} onClick={() => void start()}>
            {now.state === 'none' ? t('me.verify.start') : t('me.verify.again')}
          </Button>
        )
      }
    >
      {!now && !error && (
        <div aria-busy="true">
          <p className="only-heard">{t('me.loading')}</p>
          <Skeleton height="6rem" />
        </div>
      )}
      <Trouble>{error && say(error)}</Trouble>
      {state.isError && <Button onClick={() => void state.refetch()}>{t('common.retry')}</Button>}
      {now?.state === 'started' && now.id !== undefined && tasks.data && (
        <Task
          key={now.id}
          id={now.id}
          task={now}
          tasks={tasks.data}
          spoken={spoken === now.id}
          onSpoken={(next) => {
            setSpoken(now.id)
            known(next)
          }}
          onShown={known}
        />
      )}
    </Sheet>
  )
}

function Lead({ now, spoken, tasks }: { now: Verification; spoken: boolean; tasks?: Tasks }) {
  const { t } = useTranslation()
  switch (now.state) {
    case 'started':
      return <span>{spoken ? t('me.verify.poseLead') : t('me.verify.wordsLead')}</span>
    case 'declined':
      return (
        <span>
          {inOneLine([
            tasks?.reasons[now.why ?? 'other'] ?? t('me.verify.declined'),
            t('me.verify.retry'),
          ])}
        </span>
      )
    case 'waiting':
      return <span>{t('me.verify.waiting')}</span>
    case 'approved':
      return <span>{t('me.verify.approved')}</span>
    default:
      return <span>{t('me.verify.lead')}</span>
  }
}

function Task({
  id,
  task,
  tasks,
  spoken,
  onSpoken,
  onShown,
}: {
  id: string
  task: Verification
  tasks: Tasks
  spoken: boolean
  onSpoken(next: Verification): void
  onShown(next: Verification): void
}) {
  const { t } = useTranslation()
  if (!spoken) {
    const words = (task.phrase ?? []).map((key) => tasks.words[key] ?? key)
    return (
      <Recorder
        brief={{ least: WORDS_MS, hint: t('me.verify.hint'), short: t('me.verify.short') }}
        card={() => (
          <ol className={styles.phrase} aria-label={t('me.verify.words')}>
            {words.map((word) => (
              <li key={word}>{word}</li>
            ))}
          </ol>
        )}
        action={t('me.verify.send')}
        send={async (sound) => onSpoken(await sayPhrase(id, sound))}
      />
    )
  }
  return (
    <Selfie
      pose={tasks.poses[task.pose ?? ''] ?? ''}
      send={async (picture) => onShown(await takePose(id, picture))}
    />
  )
}
