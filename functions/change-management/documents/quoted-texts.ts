/**
 * Quoted texts of YAML whose further lines are indented less than the parent. YAML 1.2 forbids this, but libyaml,
 * PyYAML and SnakeYAML accept it, and published documents have it. Pure.
 */
import { Lexer } from 'yaml';

/** A quoted text that begins farther to the right is left alone: otherwise a small text could become a huge one. */
const farthest = 256;

/** Marks between tokens in the lexer's output: a document begins, a flow collection ends, a scalar follows. */
const marks: ReadonlySet<string> = new Set(['\x02', '\x18', '\x1f']);

/**
 * Indents the further lines of quoted texts as the parser requires. Blanks at the beginning of such a line do not
 * belong to the text. The numbers of lines stay the same.
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

/** Outside of collections a quoted text may continue at any indentation. This lexer applies that rule everywhere. */
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

/** Members of the lexer that its types do not declare. */
interface Lexing {
  /** The number of blanks with which a further line of the same scalar must begin. */
  indentNext: number;
  parseQuotedScalar(): Generator<string, unknown>;
}
