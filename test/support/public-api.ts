/** The public API, read from the declarations in dist/: every export of every entry point, with its docstrings. */

import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

/** A function, class, method, constant, type or field, with every docstring of its overloads. */
export interface ApiItem {
  /** The source file of the declaration. */
  readonly file: string
  /** `Engine`, or `Engine.tensor` for a member. */
  readonly name: string
  readonly kind: 'function' | 'class' | 'method' | 'value' | 'type' | 'signature'
  /** The names of the parameters; a destructured one is `{}`. */
  readonly parameters: readonly string[]
  readonly returnsValue: boolean
  /** The text of the docstrings, without the asterisks. */
  readonly doc: string
}

// ESTree has dozens of node types: only the fields used here exist.
// oxlint-disable-next-line typescript/no-explicit-any
type AstNode = any

interface Declaration {
  readonly file: string
  readonly name: string
  readonly nodes: readonly AstNode[]
}

const parsedFiles = new Map<string, { text: string; body: AstNode[] }>()

function parse(file: string) {
  let parsed = parsedFiles.get(file)
  if (!parsed) {
    const text = readFileSync(file, 'utf8')
    parsed = { text, body: parseAst(text, { lang: 'dts' }).body }
    parsedFiles.set(file, parsed)
  }
  return parsed
}

/** The exports of the entry points, each declaration once, followed by its public members. */
export function listPublicApi(): ApiItem[][] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
  const declarations = new Map<string, Declaration>()
  for (const entry of Object.values<{ types?: string } | string>(exports)) {
    if (typeof entry === 'string' || !entry.types) continue
    for (const declaration of resolveExports(entry.types).values())
      declarations.set(`${declaration.file} ${declaration.name}`, declaration)
  }
  return [...declarations.values()].map(describeDeclaration)
}

/** The declarations behind the names that a file exports. */
function resolveExports(file: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>()
  const { body } = parse(file)
  const resolveFrom = (source: string) => join(file, '..', source.replace(/\.(ts|js)$/, '.d.ts'))
  for (const node of body) {
    if (node.type === 'ExportAllDeclaration') {
      for (const [name, declaration] of resolveExports(resolveFrom(node.source.value)))
        found.set(name, declaration)
    } else if (node.type === 'ExportNamedDeclaration' && node.declaration) {
      for (const name of declaredNames(node.declaration)) found.set(name, findDeclaration(file, name))
    } else if (node.type === 'ExportNamedDeclaration') {
      for (const { local, exported } of node.specifiers)
        found.set(
          exported.name,
          node.source
            ? resolveExports(resolveFrom(node.source.value)).get(local.name)!
            : findDeclaration(file, local.name),
        )
    } else if (node.type === 'ExportDefaultDeclaration') {
      found.set('default', findDeclaration(file, node.declaration.name))
    }
  }
  for (const [name, declaration] of found)
    if (!declaration) throw new Error(`${file}: the declaration of ${name} was not found`)
  return found
}

function declaredNames(declaration: AstNode): string[] {
  return declaration.declarations?.map(({ id }: AstNode) => id.name) ?? [declaration.id.name]
}

/** The declaration of a local name in a file, which may import it. */
function findDeclaration(file: string, name: string): Declaration {
  const { body } = parse(file)
  const nodes = body.filter((node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node
    return declaration?.id || declaration?.declarations ? declaredNames(declaration).includes(name) : false
  })
  if (nodes.length > 0) return { file, name, nodes }
  for (const { type, specifiers, source } of body) {
    const specifier =
      type === 'ImportDeclaration' && specifiers.find(({ local }: AstNode) => local.name === name)
    if (!specifier?.imported) continue
    const from = join(file, '..', source.value.replace(/\.(ts|js)$/, '.d.ts'))
    return resolveExports(from).get(specifier.imported.name)!
  }
  throw new Error(`${file}: the declaration of ${name} was not found`)
}

function describeDeclaration({ file, name, nodes }: Declaration): ApiItem[] {
  const item = (
    kind: ApiItem['kind'],
    path: string,
    of: readonly AstNode[],
    functions: readonly AstNode[],
  ) => ({
    file: join('src', relative('dist', file)).replace(/\.d\.ts$/, '.ts'),
    name: path,
    kind,
    parameters: [...new Set(functions.flatMap(({ params }) => params.map(parameterName)))],
    returnsValue: functions.some((node) => returnsValue(node, file)),
    doc: of.map(({ start }) => docBefore(file, start)).join('\n'),
  })
  const first = nodes[0].declaration ?? nodes[0]
  const declarations = nodes.map((node) => node.declaration ?? node)
  switch (first.type) {
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return [item('function', name, nodes, declarations)]
    case 'VariableDeclaration': {
      const { id } = first.declarations.find((declared: AstNode) => declared.id.name === name)
      const annotation = id.typeAnnotation?.typeAnnotation
      const isFunction = annotation?.type === 'TSFunctionType'
      return [item(isFunction ? 'function' : 'value', name, nodes, isFunction ? [annotation] : [])]
    }
    case 'ClassDeclaration':
      return [item('class', name, nodes, []), ...describeMembers(first.body.body, name, item)]
    case 'TSInterfaceDeclaration':
      return [
        item('type', name, nodes, []),
        ...declarations.flatMap(({ body }) => describeMembers(body.body, name, item)),
      ]
    case 'TSTypeAliasDeclaration':
      return [
        item('type', name, nodes, []),
        ...(first.typeAnnotation.type === 'TSTypeLiteral'
          ? describeMembers(first.typeAnnotation.members, name, item)
          : []),
      ]
    default:
      throw new Error(`${file}: ${name} is a ${first.type}, which this cannot read`)
  }
}

/** The public members of a class or an interface, overloads merged. */
function describeMembers(
  members: readonly AstNode[],
  owner: string,
  item: (kind: ApiItem['kind'], path: string, of: AstNode[], functions: AstNode[]) => ApiItem,
): ApiItem[] {
  const groups = new Map<string, AstNode[]>()
  for (const member of members) {
    const isPrivate = member.accessibility === 'private' || member.key?.type === 'PrivateIdentifier'
    // `toJSON` and members named by symbols are called by the language, not by users.
    if (isPrivate || member.computed || !member.key || member.key.name === 'toJSON') continue
    const path = `${owner}.${member.key.name ?? member.key.value}`
    groups.set(path, [...(groups.get(path) ?? []), member])
  }
  return [...groups].map(([path, nodes]) => {
    const [{ type, kind }] = nodes
    if (type === 'MethodDefinition' && kind !== 'get' && kind !== 'set')
      return item(
        kind === 'constructor' ? 'signature' : 'method',
        path,
        nodes,
        nodes.map(({ value }) => value),
      )
    if (type === 'TSMethodSignature') return item('signature', path, nodes, nodes)
    return item('value', path, nodes, [])
  })
}

function parameterName(parameter: AstNode): string {
  if (parameter.type === 'AssignmentPattern') return parameterName(parameter.left)
  if (parameter.type === 'RestElement') return parameterName(parameter.argument)
  return parameter.name ?? '{}'
}

function returnsValue({ returnType }: AstNode, file: string): boolean {
  if (!returnType) return false
  const text = parse(file).text.slice(returnType.start, returnType.end)
  return !/^(:|=>)?\s*(void|never|Promise<void>|this|asserts .*)$/.test(text)
}

/** The text of the docstring that ends where a declaration begins. */
function docBefore(file: string, start: number): string {
  const before = parse(file).text.slice(0, start)
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1] ?? ''
  return comment.replace(/^[ \t]*\*? ?/gm, '').trim()
}
