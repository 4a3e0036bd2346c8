import { Mic, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { answer, api, type Clip, type Me, publishClip } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { ClipChip } from '../../people'
import { PromptStack, useStack } from '../../people/PromptStack'
import { Recorder } from '../../people/Recorder'
import { Button, IconButton, Sheet, Trouble } from '../../ui'
import styles from './Me.module.css'
import { freePlace } from './parts'
import { useEdit } from './useEdit'

/** The intro and what else one has said, each with the card it answers. */
export function Voices({ me, onRecord }: { me: Me; onRecord(place: number): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  const [asked, setAsked] = useState<Clip>()
  const free = freePlace(me)

  async function remove({ place }: Clip) {
    setAsked(undefined)
    const path = { place }
    await edit.run(
      () => answer(api.DELETE('/api/me/clips/{place}', { params: { path } })),
      t('me.clips.removed'),
    )
  }

  // Who has said nothing yet is asked for it above, once.
  if (me.clips.length === 0) return null

  return (
    <section className={styles.section} aria-labelledby="voice">
      <div>
        <h2 id="voice">{t('me.clips.title')}</h2>
        <p className={styles.note}>{t('me.clips.text')}</p>
      </div>
      <ul className={styles.clips}>
        {me.clips.map((clip) => (
          <li key={clip.place} className={styles.clip}>
            <ClipChip clip={clip} />
            <IconButton
              icon={Mic}
              label={clip.place === 0 ? t('me.clips.newIntro') : t('me.clips.again')}
              onClick={() => onRecord(clip.place)}
            />
            <IconButton
              icon={Trash2}
              label={clip.place === 0 ? t('me.clips.removeIntro') : t('me.clips.remove')}
              onClick={() => setAsked(clip)}
            />
          </li>
        ))}
      </ul>
      {free !== undefined && free > 0 && (
        <div>
          <Button icon={Plus} onClick={() => onRecord(free)}>
            {t('me.clips.add')}
          </Button>
        </div>
      )}
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
      <Sheet
        alert
        open={asked !== undefined}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title={asked?.place === 0 ? t('me.clips.askIntro') : t('me.clips.ask')}
        lead={asked?.place === 0 ? t('me.clips.askIntroText') : t('me.clips.askText')}
        actions={
          asked && (
            <>
              <Button look="danger" large full onClick={() => void remove(asked)}>
                {t('me.clips.go')}
              </Button>
              <Button large full onClick={() => setAsked(undefined)}>
                {t('me.clips.keep')}
              </Button>
            </>
          )
        }
      />
    </section>
  )
}

export function ClipSheet({ me, place, onClose }: { me: Me; place: number; onClose(): void }) {
  const { t } = useTranslation()
  const edit = useEdit()
  const others = me.clips.filter((clip) => clip.place !== place).map((clip) => clip.prompt)
  const stack = useStack(others, me.clips.find((clip) => clip.place === place)?.prompt)
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={place === 0 ? t('me.clips.intro') : t('me.clips.another')}
      lead={t('onboarding.voice.lead')}
    >
      <Recorder
        card={(still) => <PromptStack stack={stack} still={still} />}
        action={t('recorder.publish')}
        send={async (sound) => {
          const me = await publishClip(place, stack.key ?? '', sound)
          await edit.run(async () => me, t('me.clips.published'))
          onClose()
        }}
      />
    </Sheet>
  )
}
