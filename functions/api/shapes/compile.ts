/** Turns shapes into functions, once for each shape and only when it is first used. */
import { shapeOf, type Model, type Shape } from '../model.ts';

/** Builds the function of one shape; `of` gives those of the shapes it is made of. */
export type Build<Compiled> = (shape: Shape, of: (name: string) => Compiled, name: string) => Compiled;

/**
 * @param late stands in for a shape that is being built: shapes may hold themselves
 * @returns the function of a shape by its name
 */
export function compiler<Compiled>(
  model: Pick<Model, 'shapes'>,
  build: Build<Compiled>,
  late: (resolve: () => Compiled) => Compiled,
): (name: string) => Compiled {
  const built = new Map<string, Compiled>();
  const of = (name: string): Compiled => {
    const known = built.get(name);
    if (known !== undefined) return known;
    built.set(
      name,
      late(() => built.get(name) as Compiled),
    );
    const compiled = build(shapeOf(model, name), of, name);
    built.set(name, compiled);
    return compiled;
  };
  return of;
}
