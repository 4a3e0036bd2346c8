import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/**
 * Translators of pages (Chrome's, Edge's and others) put every text node into an element of their
 * own. React then fails in removing that node, or in putting something before it, and the whole page
 * is gone (facebook/react#11538); a text that changes stays as it was. Neither happens where a text
 * is all that its element holds: React then sets the content of the element. Hence a text, and
 * whatever may be one, is the only child of its element.
 */
const root = join(import.meta.dirname, '..')

interface Found {
  at: string
  text: string
}

/** The client, and one file more. */
function program(extra: string, text: string): ts.Program {
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), (name) => readFileSync(name, 'utf8'))
  const { options, fileNames } = ts.parseJsonConfigFileContent(read.config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.getSourceFile = (name, how, ...more) =>
    name === extra
      ? ts.createSourceFile(name, text, how, true, ts.ScriptKind.TSX)
      : getSourceFile(name, how, ...more)
  host.fileExists = (name) => name === extra || fileExists(name)
  return ts.createProgram([...fileNames, extra], options, host)
}

/** What stands between two elements and is only there for the eyes of who writes them. */
const blank = (node: ts.JsxChild) =>
  (ts.isJsxText(node) && node.containsOnlyTriviaWhiteSpaces) ||
  (ts.isJsxExpression(node) && node.expression === undefined)

function looseTexts(of: ts.Program, mine: (file: string) => boolean): Found[] {
  const types = of.getTypeChecker()
  const found: Found[] = []

  const textual = (type: ts.Type): boolean =>
    type.isUnion()
      ? type.types.some(textual)
      : (type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.Any)) !== 0

  const yieldsText = (node: ts.Expression): boolean => {
    if (ts.isParenthesizedExpression(node)) return yieldsText(node.expression)
    // Of `name && <p>`, React shows nothing where the name is empty.
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken
    )
      return yieldsText(node.right)
    return textual(types.getTypeAtLocation(node))
  }

  const mayBeText = (node: ts.JsxChild): boolean =>
    ts.isJsxText(node) ||
    (ts.isJsxExpression(node) && node.expression !== undefined && yieldsText(node.expression))

  const look = (node: ts.Node, file: ts.SourceFile) => {
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) {
      const children = node.children.filter((child) => !blank(child))
      const alone = children.length === 1 && ts.isJsxElement(node)
      for (const child of children) {
        if (alone || !mayBeText(child)) continue
        const { line } = file.getLineAndCharacterOfPosition(child.getStart(file))
        found.push({
          at: `${relative(root, file.fileName)}:${line + 1}`,
          text: child.getText(file).trim().slice(0, 60),
        })
      }
    }
    ts.forEachChild(node, (child) => look(child, file))
  }

  for (const file of of.getSourceFiles()) {
    if (mine(file.fileName)) look(file, file)
  }
  return found
}

describe('texts', () => {
  const src = join(root, 'src')
  const broken = join(src, 'broken.tsx')
  const all = program(
    broken,
    `import type { ReactNode } from 'react'
    import type { Parts } from './ui'
    export function Broken(p: { n: number; name: string; slot: ReactNode; parts: Parts; on: boolean }) {
      return (
        <div>
          bare
          <p>{p.on && <b>bold</b>} {p.name}</p>
          <p>{p.n}{p.parts}</p>
          <p>{p.slot}<b>{p.on ? p.name : p.n}</b></p>
          <>{p.name}</>
          {p.on && <i>{\`\${p.name} \${p.n}\`}</i>}
          {p.name && <i>{p.slot}</i>}
          {p.parts}
        </div>
      )
    }`,
  )

  it('are alone in their element, so that a translator may wrap them', { timeout: 120_000 }, () => {
    const own = (name: string) =>
      name.startsWith(src) && name !== broken && !/\.test\.tsx?$/.test(name)
    expect(looseTexts(all, own).map((f) => `${f.at} ${f.text}`)).toEqual([])
  })

  it('are found where they stand beside something', () => {
    const found = looseTexts(all, (name) => name === broken).map((f) => f.text)
    expect(found).toEqual(['bare', '', '{p.name}', '{p.n}', '{p.slot}', '{p.name}'])
  })
})
