/** All figures, in the order in which they are measured and shown. */
import abort from './abort.mjs';
import coldStart from './cold-start.mjs';
import decode from './decode.mjs';
import defaultThreads from './default-threads.mjs';
import eventLoop from './event-loop.mjs';
import memory from './memory.mjs';
import mlflow from './mlflow.mjs';
import object from './object.mjs';
import ttft from './ttft.mjs';

export const SECTIONS = [decode, defaultThreads, ttft, object, eventLoop, abort, memory, coldStart, mlflow];
