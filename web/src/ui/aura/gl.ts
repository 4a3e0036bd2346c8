import { inks, linear } from './colour'
import type { Shape } from './shape'

/** What the shader is told about one aura in one frame. */
export type Frame = {
  shape: Shape
  level: number
  /** How far speaking has turned the ripples, radians. */
  drift: number
  theme: 'dark' | 'light'
  /** Reduced motion: an outline that only grows thicker. */
  still: boolean
}

/** Where in the shared drawing one aura is painted, device pixels. */
export type Cell = { x: number; y: number; size: number }

const vertex = `#version 300 es
in vec2 corner;
out vec2 at;
flat out vec2 turned[9];

uniform vec3 waves[9];   // count, reach, phase; three for each layer
uniform vec4 now;        // level, drift, one device pixel in aura units, night
uniform int kind;        // 0 aura, 1 ring, 2 still outline

void main() {
  // A still outline keeps its place; only its stroke follows the level.
  vec2 moved = kind == 0 ? now.xy : vec2(0.0);
  for (int i = 0; i < 9; i++) {
    float angle = waves[i].z + (i % 3 == 1 ? -moved.y : moved.y);
    turned[i] = waves[i].y * (1.0 + 0.4 * moved.x) * vec2(cos(angle), -sin(angle));
  }
  at = vec2(corner.x, -corner.y); // downwards, as outlines and every other drawing count
  gl_Position = vec4(corner, 0.0, 1.0);
}`

const fragment = `#version 300 es
precision highp float;
precision highp int;
in vec2 at;
flat in vec2 turned[9];  // of each wave, its reach into the two parts of its power
out vec4 colour;

// What does not change while a person speaks.
uniform vec3 radius;
uniform vec3 waves[9];   // count, reach, phase; three for each layer
uniform vec3 core[3];
uniform vec3 body[3];
uniform vec3 rim[3];
uniform vec4 look;       // where the light sits; edge; reach
// What does.
uniform vec4 now;        // level, drift, one device pixel in aura units, night
uniform int kind;        // 0 aura, 1 ring, 2 still outline

#define light look.xy
#define edge look.z
#define reach look.w
#define level now.x
#define drift now.y
#define pixel now.z
#define night now.w

vec2 times(vec2 a, vec2 b) {
  return vec2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// Every layer ripples equally often. cos(n * angle + phase) is a part of the
// direction's n-th power as a complex number (de Moivre): a pixel needs no cosine.
float outline(int i, vec2 once, vec2 more, vec2 twice) {
  float ripple = dot(turned[3 * i], once) + dot(turned[3 * i + 1], more) + dot(turned[3 * i + 2], twice);
  return radius[i] * (1.0 + ripple) * (kind == 0 ? 1.0 + 0.14 * level : 1.0);
}

vec4 over(vec4 below, vec3 ink, float a) {
  return vec4(ink * a, a) + below * (1.0 - a);
}

// Interleaved gradient noise (Jimenez 2014): hides the steps in dark gradients.
float grain(vec2 p) {
  return fract(52.9829189 * fract(dot(p, vec2(0.06711056, 0.00583715)))) - 0.5;
}

void main() {
  float r = length(at);
  // Nothing reaches the corners: a fifth of the square.
  if (r >= 1.0) {
    colour = vec4(0.0);
    return;
  }
  vec2 towards = at / max(r, 1e-5);
  vec2 once = vec2(1.0, 0.0);
  for (int i = 0; i < int(waves[0].x); i++) once = times(once, towards);
  vec2 more = times(once, towards);
  vec2 twice = times(towards, towards);
  float frame = 1.0 - smoothstep(0.45, 1.0, r);
  vec4 sum = vec4(0.0);

  if (kind == 0) {
    vec2 ray = light / 0.3;
    vec2 side = vec2(-ray.y, ray.x);
    float Rv = outline(0, once, more, twice);
    float Rb = outline(1, once, more, twice);
    // Round in the middle, where all directions meet.
    float Rh = mix(radius[2] * (1.0 + 0.14 * level), outline(2, once, more, twice), smoothstep(0.0, 0.4, r));
    float soft = mix(0.22, 0.03, edge);

    // The light that falls on the room: a breath of it in silence.
    float away = max(0.0, r - Rb * 0.86);
    float glow = exp(-away * mix(8.5, 2.6, level * (0.55 + 0.45 * reach))) * (0.1 + 0.8 * level);
    sum = over(sum, body[1], glow * frame * mix(0.62, 1.0, night));

    // The corona: lobes of light that stand around the body and open with the voice.
    float lobe = clamp(0.5 + 2.6 * (Rv / radius[0] / (1.0 + 0.14 * level) - 1.0), 0.0, 1.0);
    float wide = mix(0.05, 0.17, lobe * lobe) * (0.75 + 0.75 * level);
    float beyond = max(0.0, r - Rb * 0.9) / wide;
    float corona = exp(-beyond * sqrt(beyond)) * (0.4 + 0.35 * lobe + 0.2 * level);
    sum = over(sum, mix(body[0], body[1], 0.25 * lobe), corona * frame);

    // The body: silk, lit from one side, deep in colour on the other.
    float d = r / Rb;
    float inside = 1.0 - smoothstep(1.0 - soft - pixel / Rb, 1.0 + 0.35 * soft + pixel / Rb, d);
    if (inside > 0.0) {
      vec2 p = at / (radius[1] * (1.0 + 0.14 * level));
      float along = dot(p, ray);
      float across = dot(p, side);
      float bend = sin(across * 2.9 + waves[3].z + 0.6 * drift) * 0.26 + sin(along * 3.7 + across * 1.3 + waves[4].z - 0.4 * drift) * 0.15;
      float way = along + bend;
      vec3 deep = mix(rim[0], rim[1], smoothstep(-1.0, 0.1, way));
      vec3 lit = mix(body[1], body[2], smoothstep(-0.2, 0.9, way));
      vec3 ink = mix(deep, lit, smoothstep(-0.7, 0.6, way));
      // Folds follow the bend and show where the light grazes them.
      float crease = abs(fract(way * 1.35 + across * 0.22 + waves[5].z) - 0.5) * 2.0;
      float high = crease * crease;
      float low = (1.0 - crease) * (1.0 - crease);
      ink = mix(ink, core[1], high * high * crease * 0.34 * smoothstep(1.0, 0.35, d) * smoothstep(-0.9, 0.5, way) * (0.7 + 0.5 * level));
      ink = mix(ink, rim[0], low * low * 0.3 * smoothstep(1.0, 0.4, d));
      // Deep towards the edge that looks away from the light.
      ink = mix(ink, rim[0], 0.55 * smoothstep(0.55, 1.0, d) * (1.0 - smoothstep(-0.3, 0.7, along)));
      ink *= mix(mix(1.0, 0.84, night), 1.0, smoothstep(0.0, 0.4, level));
      sum = over(sum, ink, inside * 0.96);

      // A clear voice has a lit rim on the side of the light.
      float brink = (d - 0.95) / 0.045;
      float band = exp(-brink * brink) * edge * smoothstep(-0.2, 0.95, along);
      sum = over(sum, core[2], band * (0.4 + 0.4 * level) * inside);

      // The heart: sleeps as an ember, opens with the voice.
      vec2 from = at - light * (0.85 - 0.55 * level);
      float q = length(from) / (Rh * (0.82 + 0.85 * level));
      sum = over(sum, core[2], exp(-q * q * 1.6) * (0.5 + 0.4 * level) * inside);
      sum = over(sum, mix(core[2], vec3(1.0), 0.75), exp(-q * q * 4.5) * (0.12 + 0.8 * level) * inside);
    }
  } else {
    float R = kind == 1 ? radius[0] : outline(1, once, more, twice);
    float thick = (kind == 1 ? 0.022 : 0.03) + 0.09 * level;
    float line = 1.0 - smoothstep(thick - pixel, thick + pixel, abs(r - R));
    float away = abs(r - R);
    vec3 ink = kind == 1 ? mix(body[0], core[0], 0.4 + 0.6 * level) : body[1];
    float glow = exp(-away * 9.0) * (0.08 + 0.5 * level) * frame;
    float fill = (1.0 - smoothstep(R - pixel, R + pixel, r)) * (kind == 1 ? 0.07 + 0.2 * level : 0.2);
    sum = over(sum, ink, max(glow, fill));
    sum = over(sum, ink, line * (kind == 1 ? 0.6 + 0.4 * level : 1.0));
  }

  vec3 ink = sum.rgb / max(sum.a, 1e-4);
  vec3 shown = mix(12.92 * ink, 1.055 * pow(max(ink, 0.0), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, ink));
  float a = clamp(sum.a + grain(gl_FragCoord.xy) / 255.0, 0.0, 1.0) * step(0.002, sum.a);
  colour = vec4(clamp(shown, 0.0, 1.0) * a, a);
}`

const names = ['radius', 'waves', 'core', 'body', 'rim', 'look', 'now', 'kind'] as const

/** What the shader is told of one person in one theme, reckoned once. */
type Told = Record<'radius' | 'waves' | 'core' | 'body' | 'rim' | 'look', Float32Array>

function tell(shape: Shape, theme: Frame['theme']): Told {
  const layers = [0, 1, 2].map((i) => shape.layers[i] ?? shape.layers[0])
  const colours = (part: keyof (typeof inks)['dark']) => {
    const [l, c] = inks[theme][part]
    // A plain ring has no voice, hence hardly any colour.
    return new Float32Array(
      layers.flatMap((layer) => linear(l, shape.plain ? 0.03 : c, layer?.hue ?? 0)),
    )
  }
  return {
    radius: new Float32Array(layers.map((layer) => layer?.radius ?? 0)),
    waves: new Float32Array(
      layers.flatMap((layer) =>
        [0, 1, 2].flatMap((j) => {
          const wave = layer?.waves[j]
          return wave ? [wave.count, wave.reach, wave.phase] : [0, 0, 0]
        }),
      ),
    ),
    core: colours('core'),
    body: colours('body'),
    rim: colours('rim'),
    look: new Float32Array([...shape.light, shape.edge, shape.reach]),
  }
}

/** One WebGL2 context that paints every aura on the screen, each into its cell. */
export class Brush {
  readonly canvas: HTMLCanvasElement
  readonly #gl: WebGL2RenderingContext
  readonly #at: Record<(typeof names)[number], WebGLUniformLocation | null>
  readonly #told = { dark: new WeakMap<Shape, Told>(), light: new WeakMap<Shape, Told>() }
  /** For how many frames in a row far less room was needed than there is. */
  #roomy = 0

  private constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext) {
    this.canvas = canvas
    this.#gl = gl
    const program = gl.createProgram()
    for (const [type, text] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const part = gl.createShader(type)
      if (!part) throw new Error('no shader')
      gl.shaderSource(part, text)
      gl.compileShader(part)
      if (!gl.getShaderParameter(part, gl.COMPILE_STATUS)) {
        throw new Error(gl.getShaderInfoLog(part) ?? 'shader does not compile')
      }
      gl.attachShader(program, part)
    }
    gl.bindAttribLocation(program, 0, 'corner')
    gl.linkProgram(program)
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      throw new Error(gl.getProgramInfoLog(program) ?? 'shader does not link')
    }
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's, not React's
    gl.useProgram(program)
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer())
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW)
    gl.enableVertexAttribArray(0)
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0)
    gl.clearColor(0, 0, 0, 0)
    this.#at = Object.fromEntries(
      names.map((name) => [name, gl.getUniformLocation(program, name)]),
    ) as Record<(typeof names)[number], WebGLUniformLocation | null>
  }

  /** None where the browser has no WebGL2, or the driver refuses the shader. */
  static make(): Brush | undefined {
    const canvas = document.createElement('canvas')
    const gl = canvas.getContext('webgl2', {
      alpha: true,
      premultipliedAlpha: true,
      antialias: false,
      depth: false,
      stencil: false,
      powerPreference: 'low-power',
    })
    if (!gl) return undefined
    try {
      return new Brush(canvas, gl)
    } catch {
      return undefined
    }
  }

  get lost(): boolean {
    return this.#gl.isContextLost()
  }

  /** Makes room for the coming cells and forgets the last ones. */
  clear(width: number, height: number): void {
    const { canvas } = this
    // Browsers copy the whole drawing, not the cell: after everybody was painted
    // once, one person who speaks must not cost as much as a room.
    this.#roomy = 2 * width * height < canvas.width * canvas.height ? this.#roomy + 1 : 0
    const shrink = this.#roomy > 30
    if (canvas.width < width || shrink) canvas.width = width
    if (canvas.height < height || shrink) canvas.height = height
    this.#gl.viewport(0, 0, canvas.width, canvas.height)
    this.#gl.clear(this.#gl.COLOR_BUFFER_BIT)
  }

  paint({ shape, level, drift, theme, still }: Frame, cell: Cell): void {
    const gl = this.#gl
    const at = this.#at
    let told = this.#told[theme].get(shape)
    if (!told) {
      told = tell(shape, theme)
      this.#told[theme].set(shape, told)
    }
    gl.uniform3fv(at.radius, told.radius)
    gl.uniform3fv(at.waves, told.waves)
    gl.uniform3fv(at.core, told.core)
    gl.uniform3fv(at.body, told.body)
    gl.uniform3fv(at.rim, told.rim)
    gl.uniform4fv(at.look, told.look)
    gl.uniform4f(at.now, level, drift, 2 / cell.size, theme === 'dark' ? 1 : 0)
    gl.uniform1i(at.kind, shape.plain ? 1 : still ? 2 : 0)
    // GL counts rows from below, everybody else from above.
    gl.viewport(cell.x, this.canvas.height - cell.y - cell.size, cell.size, cell.size)
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4)
  }
}
