/** The built declarations (`npm run build`), as the compiler reads them for an editor. */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The doors of the package, by name, with the declarations of each. */
export function doors(): ReadonlyMap<string, string> {
  const names = readdirSync(join(root, "src/entries")).map(file => file.replace(/\.ts$/, ""))
  return new Map(names.map(name => [name, join(root, "dist", `${name}.d.ts`)]))
}

/** The rules of a program that uses the library. */
export const CONSUMER: ts.CompilerOptions = {
  module: ts.ModuleKind.Node16,
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
  strict: true,
  noEmit: true,
}

/** A name that users meet, and what an editor shows of it. */
export interface PublicName {
  /** Such as `index: Push.linger`. */
  readonly name: string
  /** The doc comment, without its tags. */
  readonly text: string
  /** The names of its tags, such as `example`. */
  readonly tags: readonly string[]
}

/**
 * All names that the doors export, and the members of each class, interface, type literal and function that they lead
 * to. The members of an exported type are listed with those of its base types; others are listed once.
 */
export function publicNames(files: ReadonlyMap<string, string>): PublicName[] {
  const program = ts.createProgram([...files.values()], CONSUMER)
  const checker = program.getTypeChecker()
  const exports = [...files].flatMap(([door, file]) => exportsOf(checker, program.getSourceFile(file), door))
  const walk = new Walk(program, new Set(exports.map(({ symbol }) => symbol)))
  for (const { name, symbol, alias } of exports) walk.enterExport(name, symbol, alias)
  return walk.found
}

interface Export {
  readonly name: string
  readonly symbol: ts.Symbol
  /** The symbol as it is exported, which may have a comment of its own. */
  readonly alias: ts.Symbol
}

function exportsOf(checker: ts.TypeChecker, source: ts.SourceFile | undefined, door: string): Export[] {
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`the declarations of ${door} are missing: run npm run build`)
  return checker
    .getExportsOfModule(module)
    .filter(({ name }) => name !== "default") // It is the module itself, once more.
    .map(alias => {
      const isAlias = (alias.flags & ts.SymbolFlags.Alias) !== 0
      return {
        name: `${door}: ${alias.name}`,
        alias,
        symbol: isAlias ? checker.getAliasedSymbol(alias) : alias,
      }
    })
}

/** Goes from the exports to all that they lead to. */
class Walk {
  readonly found: PublicName[] = []
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker
  readonly #exported: ReadonlySet<ts.Symbol>
  readonly #seen = new Set<ts.Type>()

  constructor(program: ts.Program, exported: ReadonlySet<ts.Symbol>) {
    this.#program = program
    this.#checker = program.getTypeChecker()
    this.#exported = exported
  }

  enterExport(name: string, symbol: ts.Symbol, alias: ts.Symbol): void {
    const text = textOf(alias.getDocumentationComment(this.#checker)) || this.#textOf(symbol)
    this.found.push({ name, text, tags: this.#tagsOf(symbol) })
    const { Class, Interface, TypeAlias, Variable, Function: Func } = ts.SymbolFlags
    if (symbol.flags & (Class | Interface | TypeAlias)) {
      this.#enterMembers(name, this.#checker.getDeclaredTypeOfSymbol(symbol))
    }
    if (symbol.flags & (Class | Variable | Func))
      this.#enterValue(name, this.#checker.getTypeOfSymbol(symbol))
  }

  /** The static side of a class, a function or a constant. */
  #enterValue(name: string, type: ts.Type): void {
    for (const signature of type.getConstructSignatures()) this.#enterSignature(name, signature)
    this.#enterSignatures(name, type)
    if (type.getConstructSignatures().length === 0) this.#enterType(name, type)
  }

  /** A type that a name leads to: nothing more is said of those that have an export of their own. */
  #enterType(name: string, type: ts.Type): void {
    if (this.#seen.has(type) || this.#isExported(type)) return
    this.#seen.add(type)
    for (const argument of this.#argumentsOf(type)) this.#enterType(name, argument)
    if (type.isUnion()) for (const each of type.types) this.#enterType(name, each)
    // The members of a tuple are its type arguments.
    else if (!this.#checker.isTupleType(type)) this.#enterMembers(name, type)
  }

  #enterMembers(name: string, type: ts.Type): void {
    if (type.isUnion()) for (const each of type.types) this.#enterMembers(name, each)
    else if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
      for (const member of type.getProperties()) {
        if (this.#isOurs(member)) this.#enterMember(`${name}.${member.name}`, member)
      }
      this.#enterSignatures(name, type)
    }
  }

  #enterMember(name: string, member: ts.Symbol): void {
    this.found.push({ name, text: this.#textOf(member), tags: this.#tagsOf(member) })
    const type = this.#checker.getTypeOfSymbol(member)
    const signatures = type.getCallSignatures()
    // Editors show the comment of the overload that is called.
    if (signatures.length > 1) this.#addOverloads(name, signatures)
    this.#enterSignatures(name, type)
    if (signatures.length === 0) this.#enterType(name, type)
  }

  #addOverloads(name: string, signatures: readonly ts.Signature[]): void {
    for (const [index, signature] of signatures.entries()) {
      const text = textOf(signature.getDocumentationComment(this.#checker))
      this.found.push({ name: `${name} (overload ${index + 1})`, text, tags: [] })
    }
  }

  #enterSignatures(name: string, type: ts.Type): void {
    for (const signature of type.getCallSignatures()) this.#enterSignature(name, signature)
  }

  #enterSignature(name: string, signature: ts.Signature): void {
    for (const parameter of signature.getParameters()) {
      this.#enterType(`${name}(${parameter.name})`, this.#checker.getTypeOfSymbol(parameter))
    }
    this.#enterType(`${name}()`, signature.getReturnType())
  }

  #argumentsOf(type: ts.Type): readonly ts.Type[] {
    const isReference = ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0
    return isReference ? this.#checker.getTypeArguments(type as ts.TypeReference) : []
  }

  #isExported(type: ts.Type): boolean {
    return [type.aliasSymbol, type.getSymbol()].some(
      symbol => symbol !== undefined && this.#exported.has(symbol),
    )
  }

  /** False for members that Node and the language bring along, and for private ones. */
  #isOurs({ name, declarations }: ts.Symbol): boolean {
    if (name.startsWith("#") || name.startsWith("__#")) return false
    return (
      declarations === undefined ||
      declarations.some(declaration => {
        const source = declaration.getSourceFile()
        if (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.NonPublicAccessibilityModifier)
          return false
        return !this.#program.isSourceFileDefaultLibrary(source) && !source.fileName.includes("node_modules")
      })
    )
  }

  #textOf(symbol: ts.Symbol): string {
    return textOf(symbol.getDocumentationComment(this.#checker))
  }

  #tagsOf(symbol: ts.Symbol): string[] {
    return symbol.getJsDocTags(this.#checker).map(({ name }) => name)
  }
}

function textOf(parts: readonly ts.SymbolDisplayPart[]): string {
  return ts.displayPartsToString([...parts])
}
