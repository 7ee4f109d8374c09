/** What the search for the runtime libraries deals in. */
import { PACKAGE } from '../util/package.ts';

export const RUNTIME_VARIANTS = ['cpu', 'cuda', 'directml'] as const;
export type RuntimeVariant = (typeof RUNTIME_VARIANTS)[number];
export type RuntimeSource = 'option' | 'ORT_GENAI_HOME' | 'package' | 'checkout' | 'python';

/** Two libraries that exist and fit this process. All paths are absolute. */
export interface RuntimeLocation {
  readonly source: RuntimeSource;
  /** The folder of the onnxruntime-genai library. */
  readonly directory: string;
  readonly genaiLibrary: string;
  readonly onnxruntimeLibrary: string;
  /** Versions by library name, where the folder says so in its runtime.json. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** A place that was looked at. `problem` is null for the one that was taken. */
export interface RuntimeCandidate {
  readonly source: RuntimeSource;
  readonly directory: string | null;
  readonly problem: string | null;
  /** True when both libraries are there, and one of them cannot be used by this process. */
  readonly unfit?: boolean;
  /** The variant looked for, where the place is that of one. */
  readonly variant?: RuntimeVariant;
}

export interface RuntimeSearch {
  readonly found: RuntimeLocation | null;
  readonly tried: readonly RuntimeCandidate[];
}

/** What the search sees of the machine. */
export interface SearchWorld {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of this package; a source checkout when it has a `scripts/fetch-runtime.mjs`. */
  readonly packageRoot: string;
  /** Folder of an installed package, or null. */
  readonly resolvePackage: (name: string) => string | null;
}

/** A candidate with, where it can be used, what was found there. */
export type Attempt = RuntimeCandidate & { readonly location?: RuntimeLocation };

/** Name of the package that holds the libraries of a platform and variant. */
export function runtimePackage(platform: string, arch: string, variant: RuntimeVariant): string {
  return `${PACKAGE}-${platform}-${arch}-${variant}`;
}
