/** Four dotted numbers, as AWS's agent and its clients have them. */
export const agentVersion = '0.1.0.0';
