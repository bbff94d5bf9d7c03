/** Says at the end of a run what was skipped and why: a summary that counts skipped tests names none. */
import type { Reporter, TestModule } from 'vitest/node';

const reason = /\(skipped: .+\)/;

export class SaySkipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const said = new Set<string>();
    for (const { children } of modules) {
      for (const task of [...children.allSuites(), ...children.allTests('skipped')])
        if (reason.test(task.name)) said.add(task.name);
    }
    for (const name of said) process.stdout.write(` Not run: ${name}\n`);
  }
}
