import { useTranslation } from '../../i18n'
import { SoundSettings } from '../../people'
import styles from './Me.module.css'

/** How rooms and calls sound on this device, and how one talks in them. */
export function Sound() {
  const { t } = useTranslation()
  return (
    <section className={styles.section} aria-labelledby="sound">
      <h2 id="sound">{t('sound.title')}</h2>
      <div className={styles.group}>
        <SoundSettings />
      </div>
    </section>
  )
}
