import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'

const src = resolve(import.meta.dirname, '..')
const folder = join(src, 'i18n')

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, before = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const name = before ? `${before}.${key}` : key
    if (typeof value === 'string') out.set(name, value)
    else for (const [k, v] of flat(value, name)) out.set(k, v)
  }
  return out
}

const read = (name: string) => flat(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Tree)

/** The languages that have a catalogue, by their files. */
export const catalogued = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))

/** Every message of a language, by its key: "common.close". */
export const catalogue = (language: string) => read(`${language}.json`)

/** Every sentence of a language that is no message: what cards and tasks say. */
export function decks(language: string): Map<string, string> {
  const out = new Map<string, string>()
  for (const deck of ['icebreakers', 'prompts', 'tasks'])
    for (const [key, text] of read(`${deck}/${language}.json`)) out.set(`${deck}.${key}`, text)
  return out
}

/** The components and hooks of the client with their text, but no tests. */
export const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.') && !name.endsWith('.d.ts'))
  .map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }))

/**
 * The keys of messages that stand on a button: inside of Button, of a link that looks like one, and
 * below the microphone.
 */
export function buttonKeys(files: readonly { name: string; text: string }[]): Set<string> {
  const keys = new Set<string>()
  for (const { name, text } of files) {
    if (!name.endsWith('.tsx')) continue
    const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)

    const literals = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node)) keys.add(node.text)
      else if (ts.isConditionalExpression(node)) {
        literals(node.whenTrue)
        literals(node.whenFalse)
      }
    }
    const messages = (node: ts.Node): void => {
      if (ts.isJsxAttribute(node)) return
      if (ts.isCallExpression(node) && node.expression.getText(file) === 't') {
        if (node.arguments[0]) literals(node.arguments[0])
      } else ts.forEachChild(node, messages)
    }
    const look = (node: ts.Node): void => {
      if (ts.isJsxElement(node)) {
        const { tagName, attributes } = node.openingElement
        const looks = attributes.properties.find((one) => one.name?.getText(file) === 'className')
        if (tagName.getText(file) === 'Button' || looks?.getText(file).includes('buttonClass('))
          node.children.forEach(messages)
      }
      if (ts.isJsxAttribute(node) && node.name.getText(file) === 'word' && node.initializer)
        messages(node.initializer)
      ts.forEachChild(node, look)
    }
    look(file)
  }
  return keys
}
