/** A service's model in models/. scripts/generate-models.ts makes it; `ssm-agent.json` is written by hand. */
import type { Protocol, ServiceName } from './services.ts';

export interface Model {
  readonly service: string;
  readonly protocol: Protocol;
  readonly signingName: string;
  readonly apiVersion: string;
  readonly jsonVersion?: string;
  readonly targetPrefix?: string;
  readonly operations: Readonly<Record<string, ModelOperation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export interface ModelOperation {
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  /** Names of shapes; absent where there is no input or output. */
  readonly input?: string;
  readonly output?: string;
  readonly errors?: readonly string[];
}

export interface Shape {
  readonly type:
    | 'structure'
    | 'list'
    | 'map'
    | 'string'
    | 'integer'
    | 'long'
    | 'float'
    | 'double'
    | 'boolean'
    | 'timestamp'
    | 'blob';
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  /** The member that is the whole body. */
  readonly payload?: string;
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
  readonly union?: boolean;
  readonly timestampFormat?: 'iso8601' | 'rfc822' | 'unixTimestamp';
  /** Present on errors. */
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
  readonly fault?: boolean;
}

export interface Member {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly locationName?: string;
}

/** Imported with the first request of a service: all models together would take a tenth of the allowed start time. */
const imports: Readonly<Record<ServiceName, () => Promise<{ default: unknown }>>> = {
  ssm: () => import('./models/ssm.json', { with: { type: 'json' } }),
  'ssm-contacts': () => import('./models/ssm-contacts.json', { with: { type: 'json' } }),
  'ssm-incidents': () => import('./models/ssm-incidents.json', { with: { type: 'json' } }),
  appconfig: () => import('./models/appconfig.json', { with: { type: 'json' } }),
  appconfigdata: () => import('./models/appconfigdata.json', { with: { type: 'json' } }),
  'ssm-quicksetup': () => import('./models/ssm-quicksetup.json', { with: { type: 'json' } }),
  'resource-groups': () => import('./models/resource-groups.json', { with: { type: 'json' } }),
  sts: () => import('./models/sts.json', { with: { type: 'json' } }),
};

const models = new Map<ServiceName, Promise<Model>>();

/** The model of a service; ssm's includes the operations that only agents call. */
export function loadModel(service: ServiceName): Promise<Model> {
  let model = models.get(service);
  if (model === undefined) models.set(service, (model = importModel(service)));
  return model;
}

async function importModel(service: ServiceName): Promise<Model> {
  const model = (await imports[service]()).default as Model;
  if (service !== 'ssm') return model;
  const agent = (await import('./models/ssm-agent.json', { with: { type: 'json' } })).default as unknown as Pick<
    Model,
    'operations' | 'shapes'
  >;
  return {
    ...model,
    operations: { ...model.operations, ...agent.operations },
    shapes: { ...model.shapes, ...agent.shapes },
  };
}

/** A shape that the model names. A missing one is a fault in the model. */
export function shapeOf(model: Pick<Model, 'shapes'>, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`the model has no shape ${name}`);
  return shape;
}
