/** aws:runDocument: runs a document inside a document, from the service or from the disk. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isObject, type ParameterDefinition } from '../../core/documents/document.ts';
import { failed, input, textInput, type Plugin, type PluginContext } from '../plugin.ts';
import { ServiceError } from '../../core/http-client.ts';
import type { Parameters, Value } from '../../core/documents/substitution.ts';

/** A document that runs itself would never end. */
const deepest = 3;

export const runDocument: Plugin = async (inputs, context) => {
  if (context.depth >= deepest) return failed(`Documents may run documents to a depth of ${deepest}.`);
  const documentPath = textInput(inputs, 'documentPath');
  const type = textInput(inputs, 'documentType');
  let content: unknown;
  try {
    if (type === 'SSMDocument') content = await fetchDocument(documentPath, context);
    else if (type === 'LocalPath') content = await readLocal(path.resolve(context.downloads, documentPath));
    else return failed(`The documentType must be SSMDocument or LocalPath, not ${type}.`);
  } catch (error) {
    if (error instanceof ServiceError || error instanceof UnreadableDocument)
      return failed(`The document ${documentPath} cannot be run: ${error.message}`);
    throw error;
  }
  const parameters = await parametersOf(input(inputs, 'documentParameters'));
  if (parameters === undefined) return failed('The documentParameters are not an object.');
  const definitions =
    isObject(content) && isObject(content.parameters)
      ? (content.parameters as Record<string, ParameterDefinition>)
      : {};
  const refused = refusal(definitions, parameters);
  if (refused !== undefined) return failed(refused);
  return context.agent.runDocument(content, parameters, context);
};

class UnreadableDocument extends Error {
  override readonly name = 'UnreadableDocument';
}

/** `name`, `name:version` or an ARN. */
async function fetchDocument(name: string, context: PluginContext): Promise<unknown> {
  const match = /^(arn:[^/]*\/[^:]+|[^:]+)(?::(.+))?$/.exec(name);
  if (match === null) throw new UnreadableDocument('it has no name');
  const { Content } = await context.service.call<{ Content: string }>('ssm', 'GetDocument', {
    Name: match[1],
    DocumentVersion: match[2],
    DocumentFormat: 'JSON',
  });
  return readText(Content);
}

/** A file, or a folder with exactly one document. */
async function readLocal(file: string): Promise<unknown> {
  if (!existsSync(file)) throw new UnreadableDocument('there is no such file');
  if (!statSync(file).isDirectory()) return readText(readFileSync(file, 'utf8'));
  const documents = readdirSync(file).filter((name) => /\.(json|ya?ml)$/.test(name));
  if (documents.length !== 1) throw new UnreadableDocument(`the folder holds ${documents.length} documents`);
  return readText(readFileSync(path.join(file, documents[0]!), 'utf8'));
}

/** JSON is valid YAML. The parser is loaded when needed: most agents never need it. */
async function readText(text: string): Promise<unknown> {
  try {
    const { parse } = await import('yaml');
    return parse(text);
  } catch (error) {
    throw new UnreadableDocument(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** An object, or one as JSON or YAML text. */
async function parametersOf(value: Value | undefined): Promise<Parameters | undefined> {
  if (value === undefined || value === null || value === '') return {};
  const parsed: unknown = typeof value === 'string' ? await readText(value) : value;
  return isObject(parsed) ? (parsed as Parameters) : undefined;
}

/** The service has not seen these values, so they are checked here as SendCommand would. */
function refusal(
  definitions: Readonly<Record<string, ParameterDefinition>>,
  parameters: Parameters,
): string | undefined {
  for (const [name, value] of Object.entries(parameters)) {
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (definition === undefined) return `The document has no parameter ${name}.`;
    const values = Array.isArray(value) ? (value as readonly Value[]) : [value];
    if (definition.allowedValues !== undefined && !values.every((one) => definition.allowedValues!.includes(one)))
      return `The value of ${name} is not one of its allowedValues.`;
    if (
      Array.isArray(value) &&
      (value.length < (definition.minItems ?? 0) || value.length > (definition.maxItems ?? Infinity))
    )
      return `The number of values of ${name} is out of its bounds.`;
    for (const one of values)
      if (
        typeof one === 'string' &&
        (one.length < (definition.minChars ?? 0) || one.length > (definition.maxChars ?? Infinity))
      )
        return `The length of ${name} is out of its bounds.`;
  }
  return undefined;
}
