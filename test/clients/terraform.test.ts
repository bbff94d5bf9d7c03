/** Terraform's AWS provider against the front door: applied, found unchanged, changed, destroyed. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GetGroupCommand, ListGroupResourcesCommand, ResourceGroupsClient } from '@aws-sdk/client-resource-groups';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

/** A folder that has hashicorp/aws as Terraform lays it out: nothing is downloaded here. */
const plugins = [
  process.env['FLOTILLA_TERRAFORM_PLUGINS'],
  '/opt/tf-plugins',
  '/usr/local/share/terraform/plugins',
  '/usr/share/terraform/plugins',
].find((folder) => folder !== undefined && existsSync(path.join(folder, 'registry.terraform.io/hashicorp/aws')));
const version = (() => {
  try {
    return (
      JSON.parse(
        execFileSync('terraform', ['version', '-json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      ) as { terraform_version: string }
    ).terraform_version;
  } catch {
    return undefined;
  }
})();
const absent =
  version === undefined
    ? 'there is no terraform'
    : plugins === undefined
      ? 'FLOTILLA_TERRAFORM_PLUGINS names no folder with the AWS provider'
      : undefined;

let door: FrontDoor;
let folder: string;
beforeAll(async () => {
  door = await openFrontDoor();
  folder = path.join(door.folder, 'terraform');
  await mkdir(folder);
});
afterAll(() => door.close());

function terraform(...argv: string[]): Promise<{ status: number; out: string }> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TF_CLI_CONFIG_FILE: '',
    CHECKPOINT_DISABLE: '1',
    AWS_ENDPOINT_URL: door.endpoint,
    AWS_ACCESS_KEY_ID: door.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: door.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return new Promise((resolve) => {
    execFile('terraform', [...argv, '-no-color'], { cwd: folder, env }, (error, out, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), out: out + stderr }),
    );
  });
}

const configuration = (role: string, accounts: string): string => `
provider "aws" {
  skip_metadata_api_check = true
}

resource "aws_ssm_document" "say" {
  name          = "Say"
  document_type = "Command"
  tags          = { role = "${role}" }
  permissions   = { type = "Share", account_ids = "${accounts}" }
  content = jsonencode({
    schemaVersion = "2.2"
    description   = "Says ${role}."
    mainSteps     = [{ action = "aws:runShellScript", name = "say", inputs = { runCommand = ["echo ${role}"] } }]
  })
}

resource "aws_ssm_parameter" "url" {
  name  = "/shop/url"
  type  = "String"
  value = "https://${role}.example.com"
  tags  = { role = "${role}" }
}

resource "aws_ssm_activation" "site" {
  name               = "site"
  iam_role           = "NodeRole"
  registration_limit = 5
  tags               = { role = "${role}" }
}

resource "aws_resourcegroups_group" "group" {
  name        = "group"
  description = "What is ${role}"
  tags        = { team = "${role}" }
  resource_query {
    query = jsonencode({ ResourceTypeFilters = ["AWS::AllSupported"], TagFilters = [{ Key = "role", Values = ["${role}"] }] })
  }
}

resource "aws_ssm_association" "say" {
  name = aws_ssm_document.say.name
  targets {
    key    = "resource-groups:Name"
    values = [aws_resourcegroups_group.group.name]
  }
}
`;

describe.skipIf(absent !== undefined)(
  `Terraform ${version ?? ''} and its AWS provider${absent === undefined ? '' : ` (skipped: ${absent})`}`,
  () => {
    test('applies, finds nothing to change, changes, and destroys', async () => {
      const node = await makeNode(door.context, { tags: { role: 'web' } });
      await writeFile(path.join(folder, 'main.tf'), configuration('web', '333333333333,111111111111'));
      const done = async (...argv: string[]): Promise<string> => {
        const { status, out } = await terraform(...argv);
        expect(status, out).toBe(0);
        return out;
      };
      await done('init', `-plugin-dir=${plugins!}`);
      expect(await done('apply', '-auto-approve')).toContain('Apply complete! Resources: 5 added');
      const groups = new ResourceGroupsClient({
        endpoint: door.endpoint,
        region: 'us-east-1',
        credentials: door.credentials,
      });
      const members = async (): Promise<string[]> =>
        (await groups.send(new ListGroupResourcesCommand({ Group: 'group' }))).Resources!.map(
          ({ Identifier }) => Identifier!.ResourceArn!,
        );
      expect(await members()).toEqual([
        'arn:aws:ssm:us-east-1:123456789012:document/Say',
        `arn:aws:ssm:us-east-1:123456789012:managed-instance/${node}`,
        'arn:aws:ssm:us-east-1:123456789012:parameter/shop/url',
      ]);
      expect((await terraform('plan', '-detailed-exitcode')).status).toBe(0);

      await writeFile(path.join(folder, 'main.tf'), configuration('db', '333333333333,222222222222'));
      await done('apply', '-auto-approve');
      expect((await groups.send(new GetGroupCommand({ Group: 'group' }))).Group?.Description).toBe('What is db');
      expect(await members()).toEqual([
        'arn:aws:ssm:us-east-1:123456789012:document/Say',
        'arn:aws:ssm:us-east-1:123456789012:parameter/shop/url',
      ]);
      expect((await terraform('plan', '-detailed-exitcode')).status).toBe(0);

      expect(await done('destroy', '-auto-approve')).toContain('Destroy complete! Resources: 5 destroyed');
      await expect(groups.send(new GetGroupCommand({ Group: 'group' }))).rejects.toMatchObject({
        name: 'NotFoundException',
      });
      groups.destroy();
    });
  },
);
