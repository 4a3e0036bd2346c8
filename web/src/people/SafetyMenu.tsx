import { ArrowLeft, Ban, Flag, Shield as Sign } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import { type Clip, Problem, type ReportReason } from '../api'
import { isolate, useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { limits } from '../i18n/vocabulary.gen'
import { Button, IconButton, Sheet, Trouble, toast } from '../ui'
import { player } from '../voice/player'
import styles from './SafetyMenu.module.css'
import { block, placeOf, report, reportReasons } from './safety'

type Of = { id: string; name: string }

/**
 * Block or report, two taps away wherever a person is shown. Afterwards they
 * are gone from everywhere at once; see onBlocked.
 */
export function SafetyMenu({
  person,
  place,
  clips,
  className,
}: {
  person: Of
  /** Where this is: discover, profile, match, call:<id>, room:<id>, clip:<id>, photo:<id>. */
  place: string
  /** What they say here: a report after hearing it is about that clip. */
  clips?: readonly Clip[]
  className?: string
}) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <>
      <IconButton
        icon={Sign}
        label={t('people.safety.open', { name: isolate(person.name) })}
        className={className}
        onClick={() => setOpen(true)}
      />
      <SafetySheet
        person={person}
        place={() => placeOf(place, clips, player)}
        open={open}
        onOpenChange={setOpen}
      />
    </>
  )
}

function SafetySheet({
  person,
  place,
  open,
  onOpenChange,
}: {
  person: Of
  place: () => string
  open: boolean
  onOpenChange(open: boolean): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [reporting, setReporting] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const name = isolate(person.name)

  useEffect(() => {
    if (open) return
    setReporting(false)
    setProblem(undefined)
  }, [open])

  async function run(act: () => Promise<void>, said: 'blocked' | 'reported') {
    setBusy(true)
    setProblem(undefined)
    try {
      await act()
      onOpenChange(false)
      toast({ text: t(`people.safety.${said}`, { name }) })
    } catch (thrown) {
      setProblem(Problem.of(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={reporting ? t('people.safety.why', { name }) : t('people.safety.title', { name })}
      lead={reporting ? t('people.safety.whyLead') : t('people.safety.lead')}
    >
      {reporting ? (
        <Report
          busy={busy}
          problem={problem && say(problem)}
          onBack={() => setReporting(false)}
          onSend={(reason, note) =>
            void run(() => report(person.id, { reason, note, place: place() }), 'reported')
          }
        />
      ) : (
        <div className={styles.ways}>
          <Button
            full
            large
            icon={Ban}
            busy={busy}
            className={styles.way}
            meant={person.id}
            onClick={() => void run(() => block(person.id), 'blocked')}
          >
            {t('people.safety.block')}
          </Button>
          <Button
            full
            large
            icon={Flag}
            className={`${styles.way} ${styles.grave}`}
            onClick={() => {
              setProblem(undefined)
              setReporting(true)
            }}
          >
            {t('people.safety.report')}
          </Button>
          <Trouble>{problem && say(problem)}</Trouble>
        </div>
      )}
    </Sheet>
  )
}

function Report({
  busy,
  problem,
  onBack,
  onSend,
}: {
  busy: boolean
  problem: string | undefined
  onBack(): void
  onSend(reason: ReportReason, note: string): void
}) {
  const { t } = useTranslation()
  const id = useId()
  const [reason, setReason] = useState<ReportReason>()
  const [note, setNote] = useState('')
  const [missing, setMissing] = useState(false)
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (busy) return
        if (reason) onSend(reason, note.trim())
        else setMissing(true)
      }}
    >
      <fieldset className={styles.reasons}>
        <legend className="only-heard">{t('people.safety.reason')}</legend>
        {reportReasons.map((key) => (
          <label key={key}>
            <input
              type="radio"
              name={id}
              checked={reason === key}
              onChange={() => {
                setReason(key)
                setMissing(false)
              }}
            />
            <span>{t(`people.safety.because.${key}`)}</span>
          </label>
        ))}
      </fieldset>
      <label className={styles.note}>
        <span>{t('people.safety.note')}</span>
        <textarea
          dir="auto"
          rows={3}
          maxLength={limits.noteMost}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <Trouble>{missing ? t('people.safety.reasonMissing') : problem}</Trouble>
      <div className={styles.send}>
        <IconButton icon={ArrowLeft} label={t('common.back')} onClick={onBack} />
        <Button type="submit" look="danger" full large busy={busy}>
          {t('people.safety.send')}
        </Button>
      </div>
    </form>
  )
}
