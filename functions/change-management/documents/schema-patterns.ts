/**
 * The patterns of JSON Schemas. The validator needs each answer at once, but an answer may take a while
 * (core/patterns). So the validator first gets guesses, and its questions are recorded. Then it runs again with the
 * answers, until it asks nothing new.
 */
import { judge, patternFault, type Question } from '../../../core/patterns/index.ts';
import { InvalidDocumentContent } from './errors.ts';

/** The most questions for one configuration. */
const mostQuestions = 10_000;

export class SchemaPatterns {
  readonly #answers = new Map<string, Map<string, boolean>>();
  #open: Question[] = [];
  #asked = 0;

  /** The validator uses the result as a compiled pattern. @throws SyntaxError for an invalid pattern */
  readonly regExp = Object.assign(
    (pattern: string) => {
      const fault = patternFault(pattern);
      if (fault !== undefined) throw new SyntaxError(`${pattern} ${fault}`);
      // The validator identifies patterns by their text.
      return { test: (text: string) => this.#test(pattern, text), toString: () => pattern };
    },
    // Needed only where the validator writes its code to a file, which is not used here.
    { code: 'new RegExp' },
  );

  /**
   * Runs a validator until it has all answers.
   * @param caller who sent the configuration: an ARN
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
      for (const [index, { pattern, text }] of questions.entries()) {
        if (judgements[index] === 'unjudged')
          throw new InvalidDocumentContent(`A value takes too long to compare with the schema's pattern ${pattern}`);
        this.#answersOf(pattern).set(text, judgements[index] === 'match');
      }
    }
  }

  #test(pattern: string, text: string): boolean {
    const answers = this.#answersOf(pattern);
    const known = answers.get(text);
    if (known !== undefined) return known;
    // A guess: the result of a run with open questions is not used.
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
