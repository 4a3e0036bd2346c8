import { useState } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import '../../src/ui/base.css'
import '../../src/ui/tokens.css'
import { Aura, AuraRing, AuraStill, type Somebody, startTheme } from '../../src/ui'

/** Voices from deep to high, soft to clear, slow to quick; the fifth has none. */
const people = Array.from({ length: 12 }, (_, i) => ({
  id: `01J8ZQ3V6E${i}`,
  name: 'Ada Bo Chi Dan Eva Fei Gil Hye Ida Jun Kim Lea'.split(' ')[i] ?? '',
  ...(i !== 4 && {
    voice: {
      pitch_hz: 85 + 18 * i,
      brightness: ((i * 5) % 12) / 11,
      tempo: ((i * 7) % 12) / 11,
      energy: ((i * 3) % 12) / 11,
    },
  }),
}))

export type Show = {
  part: 'live' | 'still' | 'ring'
  count: number
  size: number
  /** Steady, or "speech": each in its own rhythm. None: no level at all. */
  level?: number | 'speech'
}

/** Syllables: about four a second, never in step with each other. */
function speech(i: number): number {
  const t = performance.now() / 1000
  return Math.abs(Math.sin(t * (11 + i * 0.7) + i)) * (0.55 + 0.45 * Math.sin(t * 1.3 + i * 2))
}

const peaks = Array.from({ length: 64 }, (_, i) =>
  Math.abs(Math.sin(i * 0.9) * Math.sin(i * 0.23 + 1) * (0.6 + 0.4 * Math.sin(i * 2.7))),
)

function Intro({ person, size, level }: { person: Somebody; size: number; level: Show['level'] }) {
  const [progress, setProgress] = useState(0.37)
  return (
    <AuraRing
      person={person}
      size={size}
      peaks={peaks}
      duration={18}
      progress={progress}
      level={() => (level === 'speech' ? speech(0) : (level ?? 0))}
      onSeek={setProgress}
      label="Intro"
    />
  )
}

let root: Root | undefined

Object.assign(window, {
  show({ part, count, size, level }: Show) {
    startTheme()
    const stage = document.createElement('main')
    stage.id = 'stage'
    Object.assign(stage.style, { display: 'flex', flexWrap: 'wrap', padding: '8px', gap: '4px' })
    root?.unmount()
    document.body.replaceChildren(stage)
    root = createRoot(stage)
    root.render(
      people.slice(0, count).map((person, i) => {
        if (part === 'still') return <AuraStill key={person.id} person={person} size={size} />
        if (part === 'ring')
          return <Intro key={person.id} person={person} size={size} level={level} />
        const of = level === 'speech' ? () => speech(i) : () => level ?? 0
        return (
          <Aura
            key={person.id}
            person={person}
            size={size}
            level={level === undefined ? undefined : of}
          />
        )
      }),
    )
  },
})
