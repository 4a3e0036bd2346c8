import { useState } from 'react'
import { type Me, me, Problem, signOut } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  type Appearance,
  appearance,
  Button,
  Chips,
  Page,
  setAppearance,
  Trouble,
  useStore,
} from '../../ui'
import { session } from '../../voice/session'
import { Devices } from './Devices'
import styles from './Me.module.css'
import { Passkeys } from './Passkeys'
import { Profile } from './Profile'

/** Everything this person can say about themselves, and where they are signed in. */
export function MePage() {
  const state = useStore(me)
  // The gate shows nobody this page who is not in; on the way out there is nothing left to show.
  if (state.status !== 'in') return null
  return <Settings me={state.me} />
}

function Settings({ me }: { me: Me }) {
  const { t } = useTranslation()
  return (
    <Page title={<bdi>{me.name}</bdi>} lead={<bdi dir="ltr">{me.email}</bdi>}>
      <Profile me={me} />
      <Looks />
      <section className={styles.section} aria-labelledby="entry">
        <h2 id="entry">{t('me.entry.title')}</h2>
        <Passkeys />
        <Devices />
        <Out />
      </section>
    </Page>
  )
}

function Looks() {
  const { t } = useTranslation()
  const chosen = useStore(appearance)
  const looks: readonly Appearance[] = ['system', 'dark', 'light']
  return (
    <section className={styles.section} aria-labelledby="looks">
      <h2 id="looks">{t('me.looks.title')}</h2>
      <Chips
        label={t('me.looks.label')}
        chips={looks.map((value) => ({ value, label: t(`me.looks.${value}`) }))}
        value={chosen}
        onChange={setAppearance}
      />
    </section>
  )
}

function Out() {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  async function go() {
    setBusy(true)
    setProblem(undefined)
    session.leave()
    try {
      await signOut()
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      setBusy(false)
    }
  }

  return (
    <div className={styles.out}>
      <Button busy={busy} onClick={() => void go()}>
        {t('me.out')}
      </Button>
      <Trouble>{problem && say(problem)}</Trouble>
    </div>
  )
}
