/** Reads what a node has uploaded. */
import type { Context } from '../../../core/context.ts';
import { collectedOutput } from '../run-command/index.ts';
import type { Scan } from './scan/facts.ts';
import { readScan } from './scan/read-scan.ts';
import { UnreadableScan } from './scan/blocks.ts';

/** A scan of a node with 10,000 packages is about 1 MB. */
const longestOutput = 32 * 1024 * 1024;

export interface CollectedScan {
  readonly scan: Scan;
  /** `s3://bucket/key` of the output that contains the scan. */
  readonly url: string;
}

/**
 * The scan in the outputs of an invocation's steps.
 * @throws UnreadableScan when no step has uploaded one, or it is incomplete
 */
export async function collectedScan(context: Context, commandId: string, nodeId: string): Promise<CollectedScan> {
  for (const { bucket, key } of await collectedOutput(context, commandId, nodeId)) {
    const output = await readText(context, bucket, key);
    if (output?.includes('-----BEGIN FLOTILLA PATCH SCAN-----'))
      return { scan: readScan(output), url: `s3://${bucket}/${key}` };
  }
  throw new UnreadableScan(`node ${nodeId} has uploaded no scan for command ${commandId}`);
}

async function readText(context: Context, bucket: string, key: string): Promise<string | undefined> {
  const file = await context.files.get(bucket, key);
  if (file === undefined) return undefined;
  if (file.info.size > longestOutput) {
    file.body.destroy();
    throw new UnreadableScan(`the output ${key} is ${file.info.size} bytes long`);
  }
  const parts: Buffer[] = [];
  for await (const part of file.body) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
