import type en from './en.json'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
    nsSeparator: false
    returnNull: false
    // Plurals are ICU's: an underscore in a key is only an underscore. Looking for more would make
    // the types too deep to be reckoned.
    pluralSeparator: '\u0000'
    contextSeparator: '\u0000'
  }
}
