/** The actions of runbooks with their required inputs; alternatives are grouped (automation.md §7). */

export const actions: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  Object.entries({
    'aws:approve': [['Approvers', 'EnhancedApprovals']],
    'aws:assertAwsResourceProperty': [['Service'], ['Api'], ['PropertySelector'], ['DesiredValues']],
    'aws:branch': [['Choices']],
    'aws:changeInstanceState': [['InstanceIds'], ['DesiredState']],
    'aws:copyImage': [['SourceRegion'], ['SourceImageId'], ['ImageName']],
    'aws:createImage': [['InstanceId'], ['ImageName']],
    'aws:createStack': [['StackName'], ['TemplateBody', 'TemplateURL']],
    'aws:createTags': [['ResourceIds'], ['Tags']],
    'aws:deleteImage': [['ImageId']],
    'aws:deleteStack': [['StackName']],
    'aws:executeAutomation': [['DocumentName']],
    'aws:executeAwsApi': [['Service'], ['Api']],
    'aws:executeScript': [['Runtime'], ['Script', 'Attachment']],
    'aws:executeStateMachine': [['stateMachineArn']],
    'aws:invokeLambdaFunction': [['FunctionName']],
    'aws:invokeWebhook': [['IntegrationName']],
    'aws:loop': [['Iterators', 'LoopCondition'], ['Steps']],
    'aws:pause': [],
    'aws:runCommand': [['DocumentName']],
    'aws:runInstances': [['ImageId']],
    'aws:sleep': [['Duration', 'Timestamp']],
    'aws:updateVariable': [['Name'], ['Value']],
    'aws:waitForAwsResourceProperty': [['Service'], ['Api'], ['PropertySelector'], ['DesiredValues']],
  }),
);

export const branchOperators: readonly string[] = [
  'StringEquals',
  'EqualsIgnoreCase',
  'StartsWith',
  'EndsWith',
  'Contains',
  'NumericEquals',
  'NumericGreater',
  'NumericLesser',
  'NumericGreaterOrEquals',
  'NumericLesserOrEquals',
  'BooleanEquals',
];
