import { useState } from 'react'
import { answer, api, type Me, type Town } from '../../api'
import { inOneLine, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { AboutMe } from '../../people/AboutMe'
import { agesAround, kept, shown } from '../../people/ages'
import { InterestPicker } from '../../people/InterestPicker'
import { LanguagePicker } from '../../people/LanguagePicker'
import { known, type OpenTo, openTo } from '../../people/lists'
import { TownPicker } from '../../people/TownPicker'
import { type Meeting, WhoToMeet } from '../../people/WhoToMeet'
import { Chips, TextField } from '../../ui'
import { Editor } from './Editor'
import { useEdit } from './useEdit'

export interface Edited {
  me: Me
  onClose(): void
}

export function EditName({ me, onClose }: Edited) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  const [name, setName] = useState(me.name)
  const ofName = edit.problem?.field === 'body.name'
  const save = async () => {
    if (name.trim() === me.name || (await edit.save({ name }))) onClose()
  }
  return (
    <Editor
      title={t('me.profile.name')}
      busy={edit.busy}
      problem={ofName ? undefined : edit.problem}
      onSave={() => void save()}
      onClose={onClose}
    >
      <TextField
        label={t('onboarding.name.label')}
        error={ofName && edit.problem ? say(edit.problem) : undefined}
        autoComplete="nickname"
        maxLength={limits.nameMost}
        value={name}
        onChange={(event) => {
          setName(event.target.value)
          edit.setProblem(undefined)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) void save()
        }}
      />
    </Editor>
  )
}

export function EditSelf({ me, onClose }: Edited) {
  const { t } = useTranslation()
  const edit = useEdit()
  const [self, setSelf] = useState({ gender: me.gender, pronouns: me.pronouns })
  return (
    <Editor
      title={t('me.about.self')}
      lead={t('me.about.selfLead')}
      busy={edit.busy}
      problem={edit.problem}
      onSave={async () => {
        if (await edit.save(self)) onClose()
      }}
      onClose={onClose}
    >
      <AboutMe value={self} onChange={setSelf} />
    </Editor>
  )
}

export function EditMeet({ me, onClose }: Edited) {
  const { t } = useTranslation()
  const edit = useEdit()
  const [meeting, setMeeting] = useState<Meeting>(() => ({
    meet: me.preferences.meet,
    ages: me.preferences.meet.length > 0 ? shown(me.preferences) : agesAround(me.age),
    intents: me.intents,
  }))
  const { meet, ages, intents } = meeting
  return (
    <Editor
      title={t('me.about.meet')}
      lead={t('me.about.meetLead')}
      busy={edit.busy}
      problem={edit.problem}
      onSave={async () => {
        const preferences = {
          ...me.preferences,
          meet: [...meet],
          ...kept(ages),
          // Whoever no longer wants it cannot ask for it in others.
          intents: me.preferences.intents.filter((intent) => intents.includes(intent)),
        }
        if (await edit.save({ intents: [...intents], preferences })) onClose()
      }}
      onClose={onClose}
    >
      <WhoToMeet value={meeting} onChange={setMeeting} />
    </Editor>
  )
}

export function EditLanguages({ me, onClose }: Edited) {
  const { t } = useTranslation()
  const edit = useEdit()
  const [languages, setLanguages] = useState<string[]>(me.languages)
  return (
    <Editor
      title={t('person.languages.label')}
      busy={edit.busy}
      problem={edit.problem}
      onSave={async () => {
        if (await edit.save({ languages })) onClose()
      }}
      onClose={onClose}
    >
      <LanguagePicker values={languages} onChange={setLanguages} />
    </Editor>
  )
}

export function EditInterests({ me, onClose }: Edited) {
  const { t } = useTranslation()
  const edit = useEdit()
  const [interests, setInterests] = useState<string[]>(me.interests)
  return (
    <Editor
      title={t('me.profile.interests')}
      busy={edit.busy}
      problem={edit.problem}
      onSave={async () => {
        if (await edit.save({ interests })) onClose()
      }}
      onClose={onClose}
    >
      <InterestPicker values={interests} onChange={setInterests} />
    </Editor>
  )
}

export function EditHome({ me, onClose }: Edited) {
  const { t } = useTranslation()
  const edit = useEdit()
  const [town, setTown] = useState<Town>()
  return (
    <Editor
      title={t('me.about.home')}
      lead={inOneLine([t('person.town.coarse'), t('me.home.left', { count: me.home.moves_left })])}
      busy={edit.busy}
      problem={edit.problem}
      onSave={async () => {
        if (!town) return onClose()
        const body = { town: town.id }
        if (await edit.run(() => answer(api.PUT('/api/me/home', { body })))) onClose()
      }}
      onClose={onClose}
    >
      <TownPicker chosen={town} onChoose={setTown} />
    </Editor>
  )
}

const LINKS = 3

export function EditWork({ me, onClose }: Edited) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  const [role, setRole] = useState(me.work?.role ?? '')
  const [company, setCompany] = useState(me.work?.company ?? '')
  const [links, setLinks] = useState(() =>
    Array.from({ length: LINKS }, (_, i) => me.work?.links[i] ?? ''),
  )
  const [open, setOpen] = useState<OpenTo[]>(known(openTo, me.work?.open_to ?? []))
  const filled = links.map((link) => link.trim()).filter((link) => link !== '')
  const ofLinks = edit.problem?.code === 'link.wrong' ? edit.problem : undefined
  // Only as many empty lines as anybody needs next.
  const shownLinks = Math.min(LINKS, filled.length + 1)
  return (
    <Editor
      title={t('me.about.work')}
      lead={t('me.work.lead')}
      busy={edit.busy}
      problem={ofLinks ? undefined : edit.problem}
      onSave={async () => {
        if (await edit.save({ work: { role, company, links: filled, open_to: open } })) onClose()
      }}
      onClose={onClose}
    >
      <TextField
        label={t('me.work.role')}
        autoComplete="organization-title"
        maxLength={limits.workMost}
        value={role}
        onChange={(event) => setRole(event.target.value)}
      />
      <TextField
        label={t('me.work.company')}
        autoComplete="organization"
        maxLength={limits.workMost}
        value={company}
        onChange={(event) => setCompany(event.target.value)}
      />
      {links.slice(0, shownLinks).map((link, i) => (
        <TextField
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          key={i}
          label={t('me.work.link', { number: i + 1 })}
          error={ofLinks && i === shownLinks - 1 ? say(ofLinks) : undefined}
          type="url"
          dir="ltr"
          placeholder="https://"
          maxLength={limits.linkMost}
          value={link}
          onChange={(event) => {
            setLinks(links.map((one, j) => (j === i ? event.target.value : one)))
            edit.setProblem(undefined)
          }}
        />
      ))}
      <Chips
        label={t('people.work.openTo')}
        chips={openTo.map((value) => ({ value, label: t(`people.work.open.${value}`) }))}
        values={open}
        onChange={(next: OpenTo[]) => setOpen(next)}
      />
    </Editor>
  )
}
