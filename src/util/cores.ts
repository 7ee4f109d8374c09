/** How many cores this process may use. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * Cores by affinity mask and by the CPU quota of the container (cgroup v2 or v1, rounded up), at least 1.
 * Node 20 knows the affinity mask only; in a container limited to 2 of 64 cores it says 64.
 */
export function availableCores(): number {
  return Math.max(1, Math.min(availableParallelism(), quota() ?? Number.POSITIVE_INFINITY));
}

function quota(): number | undefined {
  const [max, period] = read('/sys/fs/cgroup/cpu.max')?.split(' ') ?? [
    read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
    read('/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
  ];
  const cores = Math.ceil(Number(max) / Number(period));
  return cores > 0 ? cores : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
