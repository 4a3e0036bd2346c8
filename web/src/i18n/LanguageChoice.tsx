import { useTranslation } from 'react-i18next'
import { languageName, languages, setLanguage } from '.'
import styles from './LanguageChoice.module.css'

/** Before anybody has an account to keep it in: each language by its own name. */
export function LanguageChoice() {
  const { t, i18n } = useTranslation()
  return (
    <label className={styles.choice}>
      <span className="only-heard">{t('common.language')}</span>
      <select value={i18n.language} onChange={(event) => void setLanguage(event.target.value)}>
        {languages.map((code) => (
          <option key={code} value={code}>
            {languageName(code)}
          </option>
        ))}
      </select>
    </label>
  )
}
