/** How a command would spread if all went well, by the rules that it does spread by. Pure. */
import { decide, type Limits } from './rate-control.ts';

/**
 * How many start at once, wave by wave, until as many are under way as may be; after that one starts for each that
 * ends.
 */
export function waves(targets: number, limits: Limits): number[] {
  const sizes: number[] = [];
  let started = 0;
  let window = 1;
  for (;;) {
    const decision = decide(
      { targets, started, acknowledged: started, completed: 0, errors: 0 },
      limits,
      window,
      false,
    );
    if (decision.kind === 'stop' || decision.count === 0) return sizes;
    sizes.push(decision.count);
    started += decision.count;
    ({ window } = decision);
  }
}
