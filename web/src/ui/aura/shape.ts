/**
 * What an aura looks like, as numbers. Pure: the same voice and the same person
 * give the same shape on every device, and no two people share one. How it is
 * painted stands elsewhere (AuraStill for SVG, painter for canvases).
 */

export type VoiceMark = { pitch_hz: number; brightness: number; tempo: number; energy: number }

/** One ripple of an outline: how often around, how far in and out, turned by how much. */
export type Wave = { count: number; reach: number; phase: number }

/** One closed, translucent form. Radius is a share of the aura's half width. */
export type Layer = { radius: number; hue: number; waves: readonly Wave[] }

export type Shape = {
  /** No voice known yet: a plain ring. */
  plain: boolean
  /** Back to front. */
  layers: readonly Layer[]
  /** 0 a soft cloud, 1 a clear rim. */
  edge: number
  /** 0..1, how far light goes when this person speaks. */
  reach: number
  /** Where the inner light sits, off the middle, as a share of the half width. */
  light: readonly [x: number, y: number]
}

/** FNV-1a, 32 bits: small, and good enough to tell ids apart. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i)
    h = Math.imul(h, 0x01000193)
  }
  return h >>> 0
}

/** Mulberry32: numbers in [0, 1) that only depend on the seed. */
function dice(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

const lowest = 80
const highest = 300

function unit(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0
}

/**
 * Low voices deep blue and violet, high ones rose and amber. Pitch is heard in
 * octaves, hence the logarithm. Degrees past 360 go on around the circle.
 */
export function hueOf(pitch_hz: number): number {
  const octaves = Math.log2(highest / lowest)
  const up = unit(Math.log2(Math.max(1, pitch_hz) / lowest) / octaves)
  return 258 + 160 * up
}

/** Keeps the neighbouring hues on the same way: no olive, no grass. */
function within(hue: number): number {
  return Math.min(434, Math.max(232, hue)) % 360
}

const turn = 2 * Math.PI

/** seed is a person's id, or the number that the server makes of one. */
export function shape(voice: VoiceMark | undefined, seed: string | number): Shape {
  const next = dice(typeof seed === 'number' ? seed : hash(seed))
  const side = next() * turn
  const light = [0.3 * Math.cos(side), 0.3 * Math.sin(side)] as const

  if (!voice) {
    const ring: Layer = { radius: 0.58, hue: 70, waves: [] }
    return { plain: true, layers: [ring], edge: 1, reach: 0.5, light: [0, 0] }
  }

  const tempo = unit(voice.tempo)
  const energy = unit(voice.energy)
  const edge = unit(voice.brightness)
  const hue = hueOf(voice.pitch_hz) + (next() - 0.5) * 26
  const lobes = 2 + Math.round(tempo * 3 + next() * 0.9)
  // Quick voices ripple finely, slow ones swell; a fine ripple must be shallower
  // to stay soft.
  const depth = (0.06 + 0.045 * energy) / Math.sqrt(lobes / 3) + (next() - 0.5) * 0.015
  const spread = (next() < 0.5 ? -1 : 1) * (34 + next() * 22)

  // A veil behind, the body, and a heart of light that is rounder than both.
  const layers = [0, 1, 2].map((i): Layer => {
    const calm = [1.7, 1, 0.6][i] ?? 1
    const waves: Wave[] = [
      { count: lobes, reach: depth * calm, phase: next() * turn },
      { count: lobes + 1, reach: depth * calm * (0.35 + 0.3 * next()), phase: next() * turn },
      { count: 2, reach: calm * (0.025 + 0.035 * next()), phase: next() * turn },
    ]
    const radius = [0.66, 0.56, 0.32][i] ?? 0.5
    return { radius, hue: within(hue + spread * (1 - i)), waves }
  })

  return { plain: false, layers, edge, reach: 0.35 + 0.65 * energy, light }
}

/** The outline's radius in one direction; drift turns the ripples while someone speaks. */
export function radiusAt(layer: Layer, angle: number, level = 0, drift = 0): number {
  let ripple = 0
  let sign = 1
  for (const wave of layer.waves) {
    ripple += wave.reach * Math.cos(wave.count * angle + wave.phase + sign * drift)
    sign = -sign
  }
  return layer.radius * (1 + ripple * (1 + 0.4 * level)) * (1 + 0.14 * level)
}

/** The outline as points around the origin. */
export function outline(
  layer: Layer,
  points: number,
  level = 0,
  drift = 0,
): readonly (readonly [number, number])[] {
  return Array.from({ length: points }, (_, i) => {
    const angle = (i / points) * turn
    const r = radiusAt(layer, angle, level, drift)
    return [r * Math.cos(angle), r * Math.sin(angle)] as const
  })
}

/** The outline as an SVG path in a box of the given half width, its middle at the origin. */
export function path(layer: Layer, half: number, points = 36): string {
  const ring = outline(layer, points).map(([x, y]) => [x * half, y * half] as const)
  const at = (i: number) => ring[((i % points) + points) % points] ?? ([0, 0] as const)
  const between = (i: number) => {
    const [a, b] = at(i)
    const [c, d] = at(i + 1)
    return `${((a + c) / 2).toFixed(1)} ${((b + d) / 2).toFixed(1)}`
  }
  let said = `M${between(-1)}`
  for (let i = 0; i < points; i++) {
    const [x, y] = at(i)
    said += `Q${x.toFixed(1)} ${y.toFixed(1)} ${between(i)}`
  }
  return `${said}Z`
}
