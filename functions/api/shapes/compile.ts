/** Turns shapes into functions, once for each shape, when it is first used. */
import { shapeOf, type Model, type Shape } from '../model.ts';

/** Builds the function of one shape; `of` gives the functions of the shapes inside it. */
export type Build<Compiled> = (shape: Shape, of: (name: string) => Compiled, name: string) => Compiled;

/**
 * @param late used instead of the function of a shape that is still being built, because shapes may contain themselves
 * @returns a function that gives the function of a shape by its name
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
