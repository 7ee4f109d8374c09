/** For programs of `runInChild` that start worker threads from the same source. A worker registers tsx itself. */
export const WORKERS = `
  import { Worker } from 'node:worker_threads';
  import { once } from 'node:events';
  import { pathToFileURL } from 'node:url';
  const urlOf = (path: string) => JSON.stringify(pathToFileURL(process.cwd() + path).href);
  const INDEX = urlOf('/src/index.ts');
  const STAGES = urlOf('/test/lifecycle/stages.ts');
  const start = (body: string) => new Worker(
    \`const { parentPort } = require('node:worker_threads');
    (async () => {
      (await import('tsx/esm/api')).register();
      const { Model } = await import(\${INDEX});
      const { enter, isStill } = await import(\${STAGES});
      const DIR = \${JSON.stringify(DEMO_MODEL)}, SPAIN = \${JSON.stringify(SPAIN)}, STORY = \${JSON.stringify(STORY)};
      \${body}
    })();\`,
    { eval: true },
  );
  const exitOf = (worker: Worker) => new Promise<number>(resolve => worker.once('exit', resolve));
`;
