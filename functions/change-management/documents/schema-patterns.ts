/**
 * The patterns of JSON Schemas. The validator asks for each answer at once, and an answer may take a while
 * (core/patterns): so it is first given a guess, and its questions are noted. With the answers it is run again, until
 * it asks nothing new.
 */
import { judge, patternFault, type Question } from '../../../core/patterns/index.ts';
import { InvalidDocumentContent } from './errors.ts';

/** What a configuration may make a schema ask. */
const mostQuestions = 10_000;

export class SchemaPatterns {
  readonly #answers = new Map<string, Map<string, boolean>>();
  #open: Question[] = [];
  #asked = 0;

  /** What the validator takes for a compiled pattern. @throws SyntaxError for what is not one */
  readonly regExp = Object.assign(
    (pattern: string) => {
      const fault = patternFault(pattern);
      if (fault !== undefined) throw new SyntaxError(`${pattern} ${fault}`);
      // The validator tells patterns apart by their text.
      return { test: (text: string) => this.#test(pattern, text), toString: () => pattern };
    },
    // Where the validator writes its code into a file, which it is not asked to do.
    { code: 'new RegExp' },
  );

  /**
   * Runs a validator until it has all of its answers.
   * @param caller who brought the configuration: an ARN
   * @throws InvalidDocumentContent where an answer cannot be found in time
   */
  async settle(validate: () => boolean, caller: string): Promise<boolean> {
    for (;;) {
      this.#open = [];
      const fits = validate();
      if (this.#open.length === 0) return fits;
      const questions = this.#open;
      this.#asked += questions.length;
      if (this.#asked > mostQuestions)
        throw new InvalidDocumentContent('The schema compares the configuration with too many patterns.');
      const judgements = await judge(questions, caller);
      for (const [place, { pattern, text }] of questions.entries()) {
        if (judgements[place] === 'unjudged')
          throw new InvalidDocumentContent(`A value takes too long to compare with the schema's pattern ${pattern}`);
        this.#answersOf(pattern).set(text, judgements[place] === 'match');
      }
    }
  }

  #test(pattern: string, text: string): boolean {
    const answers = this.#answersOf(pattern);
    const known = answers.get(text);
    if (known !== undefined) return known;
    // A guess: nothing is made of a run that has open questions.
    answers.set(text, true);
    this.#open.push({ pattern, text });
    return true;
  }

  #answersOf(pattern: string): Map<string, boolean> {
    let answers = this.#answers.get(pattern);
    if (answers === undefined) this.#answers.set(pattern, (answers = new Map<string, boolean>()));
    return answers;
  }
}
