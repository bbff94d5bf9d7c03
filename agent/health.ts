/** Heart-beats: UpdateInstanceInformation at the start, when the channel changes, and every five minutes. */
import type { Log } from '../core/log.ts';
import { refusals, ServiceError } from '../core/http-client.ts';
import { describePlatform } from './platform.ts';
import type { ServiceClient } from './service-client.ts';

const everyFiveMinutes = 300_000;
const pauses = { first: 500, longest: 30_000, refused: 300_000 };

export class Health {
  readonly #service: ServiceClient;
  readonly #agentVersion: string;
  readonly #channel: () => string;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #wake: (() => void) | undefined;

  /** @param channel `ssmmessages`, `ec2messages`, or '' while neither is chosen */
  constructor(service: ServiceClient, agentVersion: string, channel: () => string, log: Log) {
    this.#service = service;
    this.#agentVersion = agentVersion;
    this.#channel = channel;
    this.#log = log;
  }

  /** Resolves after the first heart-beat that the service accepted, or when stopped. */
  async start(): Promise<void> {
    for (let pause = pauses.first; !this.#stopped; pause = Math.min(pauses.longest, pause * 2)) {
      const outcome = await this.beat();
      if (outcome === 'taken') break;
      await this.#rest((outcome === 'refused' ? pauses.refused : pause) * (0.5 + Math.random()));
    }
    if (this.#stopped) return;
    this.#timer = setInterval(() => void this.beat(), everyFiveMinutes);
  }

  /** Reports what this machine is now, because names and addresses may change. */
  async beat(): Promise<'taken' | 'refused' | 'failed'> {
    const { platformType, platformName, platformVersion, computerName, ipAddress } = describePlatform();
    try {
      await this.#service.call('ssm', 'UpdateInstanceInformation', {
        InstanceId: this.#service.registration.nodeId,
        AgentName: 'flotilla-agent',
        AgentStatus: 'Active',
        AgentVersion: this.#agentVersion,
        AvailabilityZone: '',
        AvailabilityZoneId: '',
        ComputerName: computerName,
        IPAddress: ipAddress,
        PlatformName: platformName,
        PlatformType: platformType,
        PlatformVersion: platformVersion,
        SSMConnectionChannel: this.#channel(),
      });
      return 'taken';
    } catch (error) {
      this.#log.warn('the heart-beat was not taken', { error });
      return error instanceof ServiceError && refusals.includes(error.code) ? 'refused' : 'failed';
    }
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#wake?.();
  }

  #rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => (clearTimeout(timer), resolve());
    });
  }
}
