/** Four numbers with dots, as AWS's agent has them and its clients expect. */
export const agentVersion = '0.1.0.0';
