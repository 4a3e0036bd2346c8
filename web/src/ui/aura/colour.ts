/** OKLCH to linear sRGB, clipped (Ottosson 2020). Shaders mix in linear light. */
export function linear(l: number, c: number, hue: number): [number, number, number] {
  const h = (hue * Math.PI) / 180
  const a = c * Math.cos(h)
  const b = c * Math.sin(h)
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
  const clip = (x: number) => Math.min(1, Math.max(0, x))
  return [
    clip(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    clip(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    clip(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ]
}

/** Lightness and chroma from the middle of an aura outwards; tokens.css holds the same for SVG. */
export const inks = {
  dark: { core: [0.92, 0.075], body: [0.73, 0.155], rim: [0.55, 0.175] },
  light: { core: [0.9, 0.085], body: [0.72, 0.16], rim: [0.6, 0.18] },
} as const
