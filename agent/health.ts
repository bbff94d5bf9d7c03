/** Heart-beats: UpdateInstanceInformation at the start, when the channel changes, and every five minutes. */
import type { Log } from '../core/log.ts';
import type { Platform } from './platform.ts';
import type { ServiceClient } from './service-client.ts';

const everyFiveMinutes = 300_000;
const pauses = { first: 500, longest: 30_000 };

export class Health {
  readonly #service: ServiceClient;
  readonly #platform: Platform;
  readonly #agentVersion: string;
  readonly #channel: () => string;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param channel `ssmmessages`, `ec2messages`, or '' while neither is decided */
  constructor(service: ServiceClient, platform: Platform, agentVersion: string, channel: () => string, log: Log) {
    this.#service = service;
    this.#platform = platform;
    this.#agentVersion = agentVersion;
    this.#channel = channel;
    this.#log = log;
  }

  /** Resolves after the first heart-beat that the service took. */
  async start(): Promise<void> {
    for (let pause = pauses.first; !this.#stopped; pause = Math.min(pauses.longest, pause * 2)) {
      if (await this.beat()) break;
      await new Promise((resolve) => setTimeout(resolve, pause).unref());
    }
    if (this.#stopped) return;
    this.#timer = setInterval(() => void this.beat(), everyFiveMinutes);
  }

  /** @returns whether the service took it */
  async beat(): Promise<boolean> {
    const { platformType, platformName, platformVersion, computerName, ipAddress } = this.#platform;
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
      return true;
    } catch (error) {
      this.#log.warn('the heart-beat was not taken', { error });
      return false;
    }
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }
}
