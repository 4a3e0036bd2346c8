import { useTranslation } from '../../i18n'
import { Slider, useStore } from '../../ui'
import { LOUDEST, setVolume, volumeOf, volumes } from '../../voice/volumes'
import styles from './PersonSheet.module.css'

/** How loud somebody is played in rooms, on this device. */
export function PersonVolume({ id }: { id: string }) {
  const { t } = useTranslation()
  const percent = volumeOf(id, useStore(volumes))
  return (
    <div className={styles.volume}>
      <Slider
        label={t('room.card.volume')}
        most={LOUDEST}
        step={10}
        value={percent}
        text={t('room.card.percent', { share: percent / 100 })}
        onChange={(value) => setVolume(id, value)}
      />
      <small>{t('room.card.volumeHint')}</small>
    </div>
  )
}
