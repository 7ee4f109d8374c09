import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import { stageDirectory } from '../../util/staging.ts';
import { checkText } from '../../util/text.ts';
import type { MLmodel } from '../format/mlmodel.ts';
import type { ModelSignature } from '../format/schema/signature.ts';
import { type ModelPackage, preparePackage } from './package.ts';
import { PACKAGE_OPTIONS, type PackageOptions } from './save-options.ts';
import { writePackage } from './write-package.ts';

export interface SaveModelOptions extends PackageOptions {
  /** The directory to be made. It must not exist, or be empty. */
  readonly path: string;
  /**
   * `"hard"`: the saved model and the source share their files, which takes no time and no space; whoever changes a file
   * in place then changes both, and the hashes of the model do not fit any more. Where the file system cannot, or the
   * source is on another one, files are copied. Default: copies (clones, where the file system can).
   */
  readonly link?: 'hard' | undefined;
}

export interface SavedModel {
  /** Absolute. */
  readonly path: string;
  readonly mlmodel: MLmodel;
  readonly signature: ModelSignature;
}

const OPTIONS: readonly string[] = [...PACKAGE_OPTIONS, 'path', 'link'];

/** What `saveModel` of ./index.ts does; it is documented there. */
export async function saveModel(options: SaveModelOptions): Promise<SavedModel> {
  checkOptions(options, OPTIONS);
  const { path, link, signal, onProgress } = options;
  checkText('path', path);
  if (path === '') throw invalidArgument('path', 'the path of a directory to be made', path);
  if (link !== undefined && link !== 'hard') throw invalidArgument('link', '"hard" or left out', link);
  const model = await preparePackage(options);
  await refuseInside(path, model);
  await stageDirectory(path, directory => writePackage(directory, model, { link, signal, onProgress }));
  return { path: resolve(path), mlmodel: model.mlmodel, signature: model.signature };
}

/** The next save would take the saved model along. */
async function refuseInside(path: string, { artifacts }: ModelPackage): Promise<void> {
  const target = await realTarget(resolve(path));
  for (const { source } of artifacts) {
    const way = relative(await realpath(source), target);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) continue;
    throw invalidArgument('path', `a directory outside of the model folder ${source}`, path);
  }
}

/** Where a path leads to that need not exist yet: links in the part that does exist are followed. */
async function realTarget(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null) return real;
  const parent = dirname(path);
  return parent === path ? path : join(await realTarget(parent), basename(path));
}
