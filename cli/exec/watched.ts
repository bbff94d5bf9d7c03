/** The answer of `/x/commands/{id}/watch`. */
export interface Watched {
  readonly Command: WatchedCommand;
  readonly Invocations: readonly WatchedInvocation[];
  readonly More: boolean;
}

export interface WatchedCommand {
  readonly CommandId: string;
  readonly DocumentName: string;
  readonly Status: string;
  readonly StatusDetails: string;
  readonly TargetCount: number;
  readonly CompletedCount: number;
  readonly ErrorCount: number;
  readonly Spreading: boolean;
  readonly Done: boolean;
  readonly Mark: string;
}

export interface WatchedInvocation {
  readonly InstanceId: string;
  readonly Name: string;
  readonly Status: string;
  readonly StatusDetails: string;
  readonly Done: boolean;
  readonly Trace: string;
  readonly Steps: readonly WatchedStep[];
  readonly Mark: string;
}

export interface WatchedStep {
  readonly Name: string;
  readonly Status: string;
  readonly ResponseCode: number;
  readonly StandardOutput: string;
  readonly StandardError: string;
  readonly Cut: boolean;
}
