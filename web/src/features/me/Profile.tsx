import { useState } from 'react'
import type { Me } from '../../api'
import { isolate, language, useTranslation } from '../../i18n'
import { knownInterest } from '../../i18n/interests'
import { spokenName } from '../../i18n/languages'
import { useProblemText } from '../../i18n/problem'
import { agesInWords } from '../../people/ages'
import { genders, intents, known } from '../../people/lists'
import { listed, useWords } from '../../people/words'
import { Switch, Trouble } from '../../ui'
import styles from './Me.module.css'
import type { Part } from './parts'
import { Row } from './Rows'
import { useEdit } from './useEdit'
import { moment } from './when'

/** As it stands at the beginning of a line. */
const first = (text: string) => text.charAt(0).toLocaleUpperCase(language()) + text.slice(1)

type Props = { me: Me; onOpen(part: Part): void }

/** What others read of oneself. */
export function About({ me, onOpen }: Props) {
  const { t } = useTranslation()
  const words = useWords()
  const none = t('me.about.none')
  const gender = genders.find((key) => key === me.gender)
  const self = [gender && t(`person.gender.${gender}`), me.pronouns && isolate(me.pronouns)]
  const { region, next, next_at } = me.home
  const work = [me.work?.role, me.work?.company].filter(Boolean).map((text) => isolate(text ?? ''))
  return (
    <section className={styles.section} aria-labelledby="about">
      <h2 id="about">{t('me.profile.title')}</h2>
      <ul className={styles.group}>
        <Row
          label={t('me.profile.name')}
          value={<bdi>{me.name}</bdi>}
          onPress={() => onOpen('name')}
        />
        <Row
          label={t('me.about.self')}
          value={self.filter(Boolean).join(' · ') || none}
          onPress={() => onOpen('self')}
        />
        <Row
          label={t('me.about.languages')}
          value={listed(me.languages.map((code) => spokenName(code))) || none}
          onPress={() => onOpen('languages')}
        />
        <Row
          label={t('me.profile.interests')}
          value={
            listed(
              me.interests.map((key) => {
                const name = knownInterest(key)
                return name ? t(name) : key
              }),
            ) || t('me.profile.noInterests')
          }
          onPress={() => onOpen('interests')}
        />
        <Row
          label={t('me.about.home')}
          value={region ? first(words.region({ ...region, where: undefined })) : none}
          note={
            next &&
            next_at &&
            t('me.home.next', {
              place: words.region({ ...next, where: undefined }),
              time: moment(next_at),
            })
          }
          onPress={() => onOpen('home')}
        />
        <Row
          label={t('me.about.work')}
          value={work.join(' · ') || none}
          onPress={() => onOpen('work')}
        />
      </ul>
    </section>
  )
}

/** Who is met, and whether at all right now. */
export function InDiscover({ me, onOpen }: Props) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  /** Shown at once; taken back if it did not arrive. */
  const [wish, setWish] = useState<boolean>()
  async function pause(paused: boolean) {
    setWish(paused)
    await edit.save({ paused })
    setWish(undefined)
  }
  const { meet } = me.preferences
  const who = listed(known(genders, meet).map((key) => t(`person.meet.${key}`)))
  const ages = agesInWords(me.preferences)
  const what = listed(known(intents, me.intents).map((key) => t(`people.intent.${key}`)))
  return (
    <section className={styles.section} aria-labelledby="meeting">
      <h2 id="meeting">{t('nav.discover')}</h2>
      <ul className={styles.group}>
        <Row
          label={t('me.about.meet')}
          value={who ? [who, ages, what].filter(Boolean).join(' · ') : t('me.about.none')}
          onPress={() => onOpen('meet')}
        />
        <li>
          <Switch
            label={t('me.paused.label')}
            hint={
              me.paused
                ? t('me.paused.on')
                : me.shown
                  ? t('me.paused.shown')
                  : t('me.paused.missing')
            }
            on={wish ?? me.paused}
            busy={edit.busy}
            onChange={(paused) => void pause(paused)}
          />
        </li>
      </ul>
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
    </section>
  )
}
