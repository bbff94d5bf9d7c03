/**
 * Quoted texts of YAML that go on in lines that are indented less than what they stand in. YAML 1.2 asks for more, but
 * libyaml, PyYAML and SnakeYAML take them, and published documents have them. Pure.
 */
import { Lexer } from 'yaml';

/** A quoted text that begins farther to the right is left alone: a small text must not become a huge one. */
const farthest = 256;

/** What the lexer says between the pieces of the text: a document begins, a flow collection ends, a scalar follows. */
const marks: ReadonlySet<string> = new Set(['\x02', '\x18', '\x1f']);

/**
 * The same YAML, in which the lines that a quoted text goes on in are indented as the parser wants them. Blanks at the
 * beginning of such a line are no part of the text. Lines keep their numbers.
 */
export function indentQuotedTexts(text: string): string {
  const pieces = [...lenientLexer().lex(text)];
  let indented = '';
  let taken = '';
  for (const [at, piece] of pieces.entries()) {
    if (marks.has(piece)) continue;
    const isQuoted = /^["']/.test(piece) && pieces[at - 1] !== '\x1f' && piece.includes('\n');
    const column = taken.length - taken.lastIndexOf('\n') - 1;
    indented += isQuoted && column <= farthest ? piece.replaceAll('\n', `\n${' '.repeat(column + 1)}`) : piece;
    taken += piece;
  }
  return taken === text ? indented : text;
}

/** Outside of collections a quoted text goes on at any indentation: that is the rule here everywhere. */
function lenientLexer(): Lexer {
  const lexer = new Lexer() as unknown as Lexing;
  const strict = lexer.parseQuotedScalar.bind(lexer);
  lexer.parseQuotedScalar = function* () {
    const indent = lexer.indentNext;
    lexer.indentNext = 0;
    try {
      return yield* strict();
    } finally {
      lexer.indentNext = indent;
    }
  };
  return lexer as unknown as Lexer;
}

/** What of the lexer is no part of its declared types. */
interface Lexing {
  /** Blanks that the next line must begin with to be of the same scalar. */
  indentNext: number;
  parseQuotedScalar(): Generator<string, unknown>;
}
