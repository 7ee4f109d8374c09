/** The project of a user, in an empty folder far from the checkout, where the packages get installed. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { builderEnvironment, type Finished, run, tryRun, userEnvironment } from './run.ts';

/** The newest pnpm that runs on the oldest Node we support. */
const PNPM = 'pnpm@10.34.8';

export class Project {
  readonly folder: string;
  /** Home and temporary folder of the programs that run here. */
  readonly home: string;
  /** The files that `write` has made. */
  readonly written: string[] = [];

  constructor(parent: string, name: string) {
    this.folder = join(parent, name);
    this.home = join(parent, `${name} home`);
    for (const path of [this.folder, this.home]) mkdirSync(path);
  }

  /** Path of an installed file. */
  installed(...path: string[]): string {
    return join(this.folder, 'node_modules', ...path);
  }

  /** No scripts: a package that needs one does not work where they are switched off. */
  async npmInstall(...tarballs: string[]): Promise<void> {
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--prefix', this.folder];
    await run('npm', ['install', ...flags, ...tarballs], { cwd: this.folder, env: builderEnvironment() });
  }

  /** pnpm gives a package no sight of what it does not depend on. */
  async pnpmInstall(...tarballs: string[]): Promise<void> {
    const add = ['pnpm', 'add', '--ignore-scripts', '--prefer-offline', '--store-dir', join(this.home, 'store')];
    const args = ['exec', '--yes', `--package=${PNPM}`, '--', ...add, ...tarballs];
    this.write('package.json', '{}');
    await run('npm', args, { cwd: this.folder, env: builderEnvironment() });
  }

  copyModel(): void {
    cpSync(DEMO_MODEL, join(this.folder, 'models', 'phi3-demo'), { recursive: true });
  }

  write(file: string, text: string): void {
    this.written.push(file);
    writeFileSync(join(this.folder, file), text);
  }

  /** Runs a program of the project with node, as a user who has nothing else of ours. */
  node(...args: string[]): Promise<Finished> {
    return tryRun(process.execPath, args, { cwd: this.folder, env: userEnvironment(this.home) });
  }

  /** The command, by the link that the package manager made. */
  command(...args: string[]): Promise<Finished> {
    const link = this.installed('.bin', 'ort-genai');
    return tryRun(link, args, { cwd: this.folder, env: userEnvironment(this.home) });
  }
}
