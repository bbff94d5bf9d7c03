/** A service with its model: its operations, and the functions of its shapes. */
import { loadModel, type Model, type ModelOperation } from './model.ts';
import { services, type Service } from './services.ts';
import { checks } from './shapes/check.ts';
import { decoders, type Decode } from './shapes/decode.ts';
import { encoders, type Encode } from './shapes/encode.ts';
import { redactors, type Redact } from './shapes/redact.ts';
import { routesOf, type RouteMatch } from './rest-routes.ts';

/** An operation of the model, registered or not. */
export interface ModelledOperation extends ModelOperation {
  readonly name: string;
  readonly service: LoadedService;
}

export interface LoadedService extends Service {
  readonly model: Model;
  readonly operation: (name: string) => ModelledOperation | undefined;
  /** REST: finds the operation of a path. */
  readonly route: (method: string, path: string) => RouteMatch | undefined;
  /** The functions of a shape, by the shape's name. */
  readonly decoder: (shape: string) => Decode;
  readonly check: (shape: string) => (input: object) => void;
  readonly encoder: (shape: string) => Encode;
  readonly redactor: (shape: string) => Redact;
}

const loaded = new Map<string, LoadedService>();

/** Loads a service's model with the first request for it. */
export function loadService(name: Service['name']): LoadedService | Promise<LoadedService> {
  return loaded.get(name) ?? load(name);
}

async function load(name: Service['name']): Promise<LoadedService> {
  const service = services.find((candidate) => candidate.name === name);
  if (service === undefined) throw new Error(`no service ${name}`);
  const model = await loadModel(name);
  const already = loaded.get(name);
  if (already !== undefined) return already;
  const operations = new Map<string, ModelledOperation>();
  const checkOf = checks(model);
  const checked = new Map<string, (input: object) => void>();
  const ready: LoadedService = {
    ...service,
    model,
    operation: (operation) => operations.get(operation),
    route: routesOf(model),
    decoder: decoders(model),
    check: (shape) => {
      let check = checked.get(shape);
      if (check === undefined) checked.set(shape, (check = checkOf(shape)));
      return check;
    },
    encoder: encoders(model),
    redactor: redactors(model),
  };
  for (const [operation, modelled] of Object.entries(model.operations))
    operations.set(operation, { ...modelled, name: operation, service: ready });
  loaded.set(name, ready);
  return ready;
}
