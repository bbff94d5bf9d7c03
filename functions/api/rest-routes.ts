/** Finds the operation of a method and path, and the labels in the path. */
import { uriDecode } from '../../core/sigv4/canonical-request.ts';
import type { Model } from './model.ts';

export interface RouteMatch {
  readonly operation: string;
  /** Decoded, by the name in the template. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Route {
  readonly operation: string;
  /** The name of a label, or a literal text. */
  readonly segments: readonly { readonly literal?: string; readonly label?: string }[];
}

/** Matches paths of a model's operations. A literal segment is preferred to a label. */
export function routesOf(model: Pick<Model, 'operations'>): (method: string, path: string) => RouteMatch | undefined {
  let table: Map<string, Route[]> | undefined;
  return (method, path) => {
    table ??= tableOf(
      Object.entries(model.operations).map(([operation, { http }]) => ({
        operation,
        method: http.method,
        template: http.requestUri,
      })),
    );
    return matchIn(table, method, path);
  };
}

/** As {@link routesOf}, for other path templates. */
export function tableOf(
  routes: readonly { readonly operation: string; readonly method: string; readonly template: string }[],
): Map<string, Route[]> {
  const table = new Map<string, Route[]>();
  for (const { operation, method, template } of routes) {
    const segments = segmentsOf(template).map((segment) =>
      segment.startsWith('{') ? { label: segment.slice(1, -1) } : { literal: segment },
    );
    const key = `${method} ${segments.length}`;
    table.set(key, [...(table.get(key) ?? []), { operation, segments }]);
  }
  const literals = (route: Route): number => route.segments.filter((segment) => segment.literal !== undefined).length;
  for (const candidates of table.values()) candidates.sort((one, other) => literals(other) - literals(one));
  return table;
}

export function matchIn(
  table: ReadonlyMap<string, readonly Route[]>,
  method: string,
  path: string,
): RouteMatch | undefined {
  const segments = segmentsOf(path);
  for (const route of table.get(`${method} ${segments.length}`) ?? []) {
    const labels: Record<string, string> = {};
    if (
      route.segments.every(({ literal, label }, at) => {
        const segment = segments[at] ?? '';
        if (label === undefined) return segment === literal;
        labels[label] = uriDecode(segment);
        return segment !== '';
      })
    )
      return { operation: route.operation, labels };
  }
  return undefined;
}

/** Split before decoding: an ARN in a label has its slashes as %2F. */
function segmentsOf(path: string): string[] {
  return (path.endsWith('/') ? path.slice(0, -1) : path).split('/').slice(1);
}
