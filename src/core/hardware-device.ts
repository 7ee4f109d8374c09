/** Which device of an execution provider is used, where there are several. */
import type { NativeConfig } from '../binding/addon-types.ts';
import { invalidArgument } from '../errors.ts';
import { checkOptions } from '../util/options.ts';

/** What is given must match; null takes an earlier choice back. */
export interface HardwareDevice {
  /** `"CPU"`, `"GPU"` or `"NPU"`. */
  readonly type?: 'CPU' | 'GPU' | 'NPU' | null | undefined;
  /** Id of the device, 32 bits, as the operating system tells it. */
  readonly id?: number | null | undefined;
  /** Id of its vendor, 32 bits: `0x8086` for Intel, `0x10de` for NVIDIA. */
  readonly vendorId?: number | null | undefined;
}

const TYPES = ['CPU', 'GPU', 'NPU'];
const MOST_ID = 2 ** 32 - 1;

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function checkDevice(name: string, device: HardwareDevice): void {
  checkOptions(device, ['type', 'id', 'vendorId']);
  const { type, id, vendorId } = device;
  if (type !== undefined && type !== null && !TYPES.includes(type)) {
    throw invalidArgument(`${name}.type`, `one of ${TYPES.join(', ')}, or null`, type);
  }
  for (const [key, value] of Object.entries({ id, vendorId })) {
    const valid = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_ID;
    if (value !== undefined && value !== null && !valid) {
      throw invalidArgument(`${name}.${key}`, `an integer from 0 to ${MOST_ID}, or null`, value);
    }
  }
}

/** The provider must be in the configuration. */
export function applyDevice(config: NativeConfig, provider: string, { type, id, vendorId }: HardwareDevice): void {
  if (type !== undefined) config.setHardwareDeviceType(provider, type);
  if (id !== undefined) config.setHardwareDeviceId(provider, id);
  if (vendorId !== undefined) config.setHardwareVendorId(provider, vendorId);
}
